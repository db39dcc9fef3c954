package io.tidemark.projections.internal.assembler;

import java.util.Map;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Cache;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;

/**
 * Bounds the memory outside the heap that assemblers' state takes: what is read is kept in one cache for all stores of the
 * process, and each has little of what is written. By themselves they would take up to 100 MB each.
 */
public final class StateMemory implements RocksDBConfigSetter {

    private static final long READ_BYTES = 128L << 20;
    private static final double SHARE_OF_INDEXES = 0.1;

    private static final long WRITTEN_BYTES = 4L << 20;

    /** One is filled while the other goes to disk. */
    private static final int WRITTEN_AT_ONCE = 2;

    /** Many stores are small, those of partitions of small tables. */
    private static final long STEP_BYTES = 128L << 10;

    /** Made with the first store, for all there will be. */
    private static final class Shared {

        static final Cache CACHE;

        static {
            RocksDB.loadLibrary();
            CACHE = new LRUCache(READ_BYTES, -1, false, SHARE_OF_INDEXES);
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
        options.setWriteBufferSize(WRITTEN_BYTES);
        options.setMaxWriteBufferNumber(WRITTEN_AT_ONCE);
        options.setArenaBlockSize(STEP_BYTES);
    }

    @Override
    public void close(String store, Options options) {
        // What is shared stays for the other stores.
    }
}
