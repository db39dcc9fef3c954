package io.tidemark.stores.sql;

import io.tidemark.model.store.Document;
import io.tidemark.model.store.WriteOutcome;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;

/** Writes each batch in one transaction, whose failure leaves the whole batch to be sent again. */
final class WriteTransactions {

    /** Writes documents and says what became of each, in order. */
    @FunctionalInterface
    interface Work {
        List<WriteOutcome> write(Connection connection, List<Document> documents) throws SQLException;
    }

    private static final Duration LONGEST_BETWEEN_FORGETTING = Duration.ofMinutes(1);

    private final Warehouse warehouse;
    private final Bookkeeping bookkeeping;
    private final Acknowledged acknowledged;
    private final Duration deletesRemembered;
    private final long forgetEveryNanos;
    private long forgotNanos = System.nanoTime();

    WriteTransactions(
            Warehouse warehouse, Bookkeeping bookkeeping, Acknowledged acknowledged, Duration deletesRemembered) {
        this.warehouse = warehouse;
        this.bookkeeping = bookkeeping;
        this.acknowledged = acknowledged;
        this.deletesRemembered = deletesRemembered;
        this.forgetEveryNanos = Math.min(
                LONGEST_BETWEEN_FORGETTING.toNanos(),
                deletesRemembered.dividedBy(2).toNanos());
    }

    /** One outcome per document of the batch, in order. */
    List<WriteOutcome> run(List<Document> batch, Work work) {
        try {
            List<WriteOutcome> written = warehouse.inTransaction(connection -> {
                List<WriteOutcome> outcomes = work.write(connection, batch);
                forgetDeletes(connection);
                return outcomes;
            });
            acknowledged.committed();
            return written;
        } catch (SQLException e) {
            if (batch.isEmpty() || !SqlFailures.isPassing(e)) {
                throw warehouse.failure(e);
            }
            String cause = warehouse.failure(e).getMessage();
            return Collections.nCopies(batch.size(), new WriteOutcome.Retriable(String.valueOf(cause)));
        }
    }

    private void forgetDeletes(Connection connection) throws SQLException {
        if (System.nanoTime() - forgotNanos > forgetEveryNanos) {
            bookkeeping.forgetDeletes(connection, deletesRemembered);
            forgotNanos = System.nanoTime();
        }
    }
}
