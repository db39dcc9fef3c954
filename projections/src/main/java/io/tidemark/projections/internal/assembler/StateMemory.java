package io.tidemark.projections.internal.assembler;

import java.util.Map;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Cache;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.WriteBufferManager;

/**
 * One budget of memory outside the heap for the state of all assemblers in a process, however many stores it has: each
 * store by itself would take up to 100 MB.
 */
public final class StateMemory implements RocksDBConfigSetter {

    private static final long BYTES = 256L << 20;

    /** Of that, what is written and not on disk yet. */
    private static final long WRITTEN_BYTES = 128L << 20;

    /** Of that again, what a store takes at a time: most stores are small. */
    private static final long STEP_BYTES = 128L << 10;

    private static final double SHARE_OF_INDEXES = 0.1;

    /** Made with the first store; for all there will be. */
    private static final class Shared {

        static final Cache CACHE;
        static final WriteBufferManager WRITTEN;

        static {
            RocksDB.loadLibrary();
            CACHE = new LRUCache(BYTES, -1, false, SHARE_OF_INDEXES);
            WRITTEN = new WriteBufferManager(WRITTEN_BYTES, CACHE);
        }
    }

    @Override
    public void setConfig(String store, Options options, Map<String, Object> configuration) {
        BlockBasedTableConfig table = (BlockBasedTableConfig) options.tableFormatConfig();
        table.setBlockCache(Shared.CACHE);
        table.setCacheIndexAndFilterBlocks(true);
        table.setCacheIndexAndFilterBlocksWithHighPriority(true);
        table.setPinTopLevelIndexAndFilter(true);
        options.setTableFormatConfig(table);
        options.setWriteBufferManager(Shared.WRITTEN);
        options.setArenaBlockSize(STEP_BYTES);
    }

    @Override
    public void close(String store, Options options) {
        // What is shared stays for the other stores.
    }
}
