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
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands each pgoutput message through Debezium undecoded, as the content of a logical decoding message.
 *
 * <p>A commit, and a logical message outside a transaction, is passed as the last event of its LSN: its record's
 * offset then names that LSN, and marking the record processed confirms the slot up to there and no further. The message
 * prefix carries a running number, so that one lost on the way to the handler does not go unseen.
 */
final class WalStream implements ReplicationStream {

    private static final Logger LOG = LoggerFactory.getLogger(WalStream.class);
    private static final int MESSAGES_PER_READ = 512;

    private final PGReplicationStream stream;
    private final Duration statusInterval;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Lsn startLsn;
    private long sequence;
    private volatile Lsn lastReceived;

    WalStream(PGReplicationStream stream, Duration statusInterval) {
        this.stream = stream;
        this.statusInterval = statusInterval;
        this.startLsn = Lsn.valueOf(stream.getLastReceiveLSN());
        this.lastReceived = startLsn;
    }

    @Override
    public void read(ReplicationMessageProcessor processor) throws SQLException, InterruptedException {
        ByteBuffer message = stream.read();
        if (message != null) {
            pass(message, processor);
        }
    }

    @Override
    public boolean readPending(ReplicationMessageProcessor processor) throws SQLException, InterruptedException {
        for (int read = 0; read < MESSAGES_PER_READ; read++) {
            ByteBuffer message = stream.readPending();
            if (message == null) {
                return read > 0;
            }
            pass(message, processor);
        }
        return true;
    }

    private void pass(ByteBuffer message, ReplicationMessageProcessor processor)
            throws SQLException, InterruptedException {
        boolean commit = PgOutput.isCommit(message);
        boolean lastOfLsn = commit || PgOutput.isNonTransactionalMessage(message);
        if (lastOfLsn) {
            long lsn = (commit ? PgOutput.commitEndLsn(message) : PgOutput.messageLsn(message)).value();
            lastReceived = Lsn.valueOf(lsn);
        } else {
            lastReceived = Lsn.valueOf(stream.getLastReceiveLSN());
        }
        processor.process(new LogicalDecodingMessage(
                Operation.MESSAGE, Instant.EPOCH, null, !lastOfLsn, Long.toString(sequence++), bytes(message)));
    }

    private static byte[] bytes(ByteBuffer message) {
        byte[] bytes = new byte[message.remaining()];
        message.get(bytes);
        return bytes;
    }

    @Override
    public void flushLsn(Lsn lsn) throws SQLException {
        stream.setFlushedLSN(LogSequenceNumber.valueOf(lsn.asLong()));
        stream.setAppliedLSN(LogSequenceNumber.valueOf(lsn.asLong()));
        stream.forceUpdateStatus();
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
        stream.close();
    }
}
