package io.tidemark.capture.internal.engine;

import io.debezium.connector.postgresql.connection.LogicalDecodingMessage;
import io.debezium.connector.postgresql.connection.Lsn;
import io.debezium.connector.postgresql.connection.ReplicationMessage.Operation;
import io.debezium.connector.postgresql.connection.ReplicationStream;
import io.tidemark.capture.internal.wal.PgOutput;
import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands pgoutput messages through Debezium undecoded, many as the content of one logical decoding message.
 *
 * <p>A pack that ends with a commit, or with a logical message outside a transaction, is passed as the last event of that
 * LSN: its record's offset then names the LSN, and marking the record processed confirms the slot up to there and no
 * further. The message prefix carries the running number of its first message, so that one lost on the way to the handler
 * does not go unseen. Nothing waits for a pack to fill: what there is goes when nothing more is pending.
 */
final class WalStream implements ReplicationStream {

    private static final Logger LOG = LoggerFactory.getLogger(WalStream.class);
    private static final int MESSAGES_PER_READ = 2048;

    /** Debezium gets control back at least this often, to see whether it is to stop. */
    private static final long LONGEST_WAIT_NANOS = 100_000_000L;

    /** A pack is passed at the first boundary after this much or this long, and after the other amount wherever it is. */
    private static final int PACK_BYTES = 16 * 1024;

    private static final int MOST_PACK_BYTES = 64 * 1024;

    /** The driver waits so long for the next message. */
    private static final long DRIVER_WAIT_NANOS = 1_000_000L;

    /** With a message in each of the driver's waits a pack would never end. */
    private static final long PACK_NANOS = DRIVER_WAIT_NANOS;

    private final PGReplicationStream stream;
    private final Duration statusInterval;
    private final WalQueue queue;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Lsn startLsn;
    private final WalPack pack = new WalPack();
    private io.tidemark.model.Lsn packLsn = io.tidemark.model.Lsn.ZERO;
    private boolean endsAtBoundary;
    private long packedNanos;
    private long sequence;
    private volatile Lsn lastReceived;
    private volatile boolean unconfirmed;

    /**
     * Wraps it.
     *
     * @param queue told of the events passed to Debezium
     */
    WalStream(PGReplicationStream stream, Duration statusInterval, WalQueue queue) {
        this.queue = queue;
        this.stream = stream;
        this.statusInterval = statusInterval;
        this.startLsn = Lsn.valueOf(stream.getLastReceiveLSN());
        this.lastReceived = startLsn;
    }

    @Override
    public void read(ReplicationMessageProcessor processor) throws SQLException, InterruptedException {
        confirm();
        ByteBuffer message = stream.read();
        if (message != null) {
            add(message, processor);
            pass(processor);
        }
    }

    /**
     * Waits for messages itself and always says that there were some: told that there were none, Debezium would sleep for
     * {@code poll.interval.ms}, which is as long as its queue may wait for them.
     */
    @Override
    public boolean readPending(ReplicationMessageProcessor processor) throws SQLException, InterruptedException {
        long until = System.nanoTime() + LONGEST_WAIT_NANOS;
        for (int read = 0; read < MESSAGES_PER_READ; ) {
            confirm();
            long asked = System.nanoTime();
            ByteBuffer message = stream.readPending();
            if (message != null) {
                add(message, processor);
                read++;
            } else if (read > 0 || System.nanoTime() > until) {
                break;
            } else if (System.nanoTime() - asked < DRIVER_WAIT_NANOS / 2) {
                // The server has gone, which the driver says with the next status, and does not wait any more.
                LockSupport.parkNanos(DRIVER_WAIT_NANOS);
            }
        }
        pass(processor);
        return true;
    }

    private void add(ByteBuffer message, ReplicationMessageProcessor processor)
            throws SQLException, InterruptedException {
        boolean commit = PgOutput.isCommit(message);
        endsAtBoundary = PgOutput.isBoundary(message);
        if (endsAtBoundary) {
            packLsn = commit ? PgOutput.commitEndLsn(message) : PgOutput.messageLsn(message);
        } else {
            packLsn = new io.tidemark.model.Lsn(stream.getLastReceiveLSN().asLong());
        }
        if (pack.isEmpty()) {
            packedNanos = System.nanoTime();
        }
        pack.add(packLsn, message);
        boolean enough = pack.size() > PACK_BYTES || System.nanoTime() - packedNanos > PACK_NANOS;
        if (endsAtBoundary ? enough : pack.size() > MOST_PACK_BYTES) {
            pass(processor);
        }
    }

    private void pass(ReplicationMessageProcessor processor) throws SQLException, InterruptedException {
        if (pack.isEmpty()) {
            return;
        }
        long first = sequence;
        sequence += pack.count();
        lastReceived = Lsn.valueOf(packLsn.value());
        processor.process(new LogicalDecodingMessage(
                Operation.MESSAGE, Instant.EPOCH, null, !endsAtBoundary, Long.toString(first), pack.take()));
        queue.passed();
    }

    /**
     * Left to the reading thread to tell the server: reading locks the connection for a millisecond each time it looks for
     * messages, and another thread would wait for several of them.
     */
    @Override
    public void flushLsn(Lsn lsn) {
        stream.setFlushedLSN(LogSequenceNumber.valueOf(lsn.asLong()));
        stream.setAppliedLSN(LogSequenceNumber.valueOf(lsn.asLong()));
        unconfirmed = true;
    }

    private void confirm() throws SQLException {
        if (unconfirmed) {
            unconfirmed = false;
            stream.forceUpdateStatus();
        }
    }

    @Override
    public Lsn lastReceivedLsn() {
        return lastReceived;
    }

    @Override
    public Lsn startLsn() {
        return startLsn;
    }

    @Override
    public void startKeepAlive(ExecutorService service) {
        service.execute(() -> {
            try {
                while (!stopped.await(statusInterval.toMillis(), TimeUnit.MILLISECONDS)) {
                    stream.forceUpdateStatus();
                }
            } catch (SQLException e) {
                LOG.debug("No status update to the server any more", e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        service.shutdown();
    }

    @Override
    public void stopKeepAlive() {
        stopped.countDown();
    }

    @Override
    public void close() throws SQLException {
        stopKeepAlive();
        confirm();
        stream.close();
    }
}
