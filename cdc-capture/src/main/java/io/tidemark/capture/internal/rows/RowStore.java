package io.tidemark.capture.internal.rows;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Cache;
import org.rocksdb.CompressionType;
import org.rocksdb.FlushOptions;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteBufferManager;
import org.rocksdb.WriteOptions;

/**
 * Bytes by key, apart for each partition, in RocksDB, which Kafka Streams brings along. All stores of a process take 64 MB of
 * memory, however much is in them. Nothing of it outlives the process. Thread-safe.
 */
final class RowStore implements AutoCloseable {

    private static final long MEMORY_BYTES = 64L << 20;
    private static final long BUFFER_BYTES = 16L << 20;
    private static final long BATCH_BYTES = 1L << 20;
    private static final long KEPT_BYTES = 256L << 10;
    private static final int OPEN_FILES = 256;

    static {
        RocksDB.loadLibrary();
    }

    private static final Cache CACHE = new LRUCache(MEMORY_BYTES);
    private static final WriteBufferManager BUFFERS = new WriteBufferManager(MEMORY_BYTES / 2, CACHE);

    private final Options options = new Options()
            .setCreateIfMissing(true)
            .setCompressionType(CompressionType.LZ4_COMPRESSION)
            .setWriteBufferSize(BUFFER_BYTES)
            .setWriteBufferManager(BUFFERS)
            .setMaxOpenFiles(OPEN_FILES)
            .setTableFormatConfig(new BlockBasedTableConfig().setBlockCache(CACHE));
    private final WriteOptions unlogged = new WriteOptions().setDisableWAL(true);

    /** Whoever uses memory outside the heap after it was given back ends the process. */
    private final ReadWriteLock use = new ReentrantReadWriteLock();

    private @Nullable RocksDB rocks;
    private volatile boolean closing;

    RowStore(Path directory) {
        try {
            rocks = RocksDB.open(options, directory.toString());
        } catch (RocksDBException e) {
            throw failed(e);
        }
    }

    /** Takes one entry after the other. */
    interface Taker {

        /** Takes one; says whether to go on. */
        boolean take(int partition, byte[] key, byte[] value);
    }

    private interface Call<T> {
        T of(RocksDB open) throws RocksDBException;
    }

    private <T> T use(Call<T> call) {
        use.readLock().lock();
        try {
            RocksDB open = rocks;
            if (open == null || closing) {
                throw new IllegalStateException("Closed");
            }
            return call.of(open);
        } catch (RocksDBException e) {
            throw failed(e);
        } finally {
            use.readLock().unlock();
        }
    }

    /** What is written together, in order; nothing of it is sure to be seen before {@link #flush}. For one thread. */
    final class Writing implements AutoCloseable {

        private final WriteBatch batch = new WriteBatch();
        private long bytes;

        /** How much was put. */
        long bytes() {
            return bytes;
        }

        void put(int partition, byte[] key, byte[] value) {
            bytes += key.length + value.length;
            add(open -> {
                batch.put(located(partition, key), value);
                return batch;
            });
        }

        void delete(int partition, byte[] key) {
            add(open -> {
                batch.delete(located(partition, key));
                return batch;
            });
        }

        /** Deletes what there is of a partition. */
        void clear(int partition) {
            add(open -> {
                batch.deleteRange(located(partition, new byte[0]), located(partition + 1, new byte[0]));
                return batch;
            });
        }

        private void add(Call<WriteBatch> call) {
            if (use(call).getDataSize() > BATCH_BYTES) {
                flush();
            }
        }

        void flush() {
            use(open -> {
                open.write(unlogged, batch);
                batch.clear();
                return batch;
            });
        }

        @Override
        public void close() {
            batch.close();
        }
    }

    Writing writing() {
        return new Writing();
    }

    Optional<byte[]> get(int partition, byte[] key) {
        return use(open -> Optional.ofNullable(open.get(located(partition, key))));
    }

    /**
     * What was written goes from memory to the disk, if it is much: a store that nobody writes to keeps what it holds, however
     * much all stores hold together.
     *
     * @param written bytes of late
     */
    void freeMemory(long written) {
        if (written > KEPT_BYTES) {
            use(open -> {
                try (FlushOptions now = new FlushOptions().setWaitForFlush(true)) {
                    open.flush(now);
                }
                return open;
            });
        }
    }

    /** Gives all entries, as they are now, until it is enough. */
    void forEach(Taker taker) {
        use(open -> {
            try (RocksIterator all = open.newIterator()) {
                all.seekToFirst();
                while (all.isValid() && !closing && give(all, taker)) {
                    all.next();
                }
                all.status();
                return open;
            }
        });
    }

    private static boolean give(RocksIterator entry, Taker taker) {
        byte[] located = entry.key();
        int partition = ByteBuffer.wrap(located).getShort();
        return taker.take(partition, Arrays.copyOfRange(located, Short.BYTES, located.length), entry.value());
    }

    private static byte[] located(int partition, byte[] key) {
        return ByteBuffer.allocate(Short.BYTES + key.length)
                .putShort((short) partition)
                .put(key)
                .array();
    }

    private static TidemarkException failed(RocksDBException e) {
        return new TidemarkException(
                ErrorCode.FAILED,
                "Rows of topics cannot be kept on disk: " + e.getMessage() + ". There must be room in "
                        + System.getProperty("java.io.tmpdir")
                        + "; name another directory with TIDEMARK_JAVA_OPTS=-Djava.io.tmpdir=DIR",
                e);
    }

    @Override
    public void close() {
        closing = true;
        use.writeLock().lock();
        try {
            RocksDB open = rocks;
            rocks = null;
            if (open != null) {
                open.close();
                unlogged.close();
                options.close();
            }
        } finally {
            use.writeLock().unlock();
        }
    }
}
