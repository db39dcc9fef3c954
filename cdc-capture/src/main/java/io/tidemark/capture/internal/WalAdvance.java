package io.tidemark.capture.internal;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.Lsn;
import io.tidemark.model.TidemarkException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes WAL until a source's is past a place. A promoted standby's WAL ends where it was promoted, which may be before what
 * was captured; the LSNs of tidemarks must not go back, since read tokens and reconciliations are held against them.
 */
final class WalAdvance {

    private static final Logger LOG = LoggerFactory.getLogger(WalAdvance.class);
    private static final int AT_ONCE = 1 << 20;

    /** A standby that was further behind is hardly the one to go on with. */
    private static final long MOST_BYTES = 16L << 30;

    private final Connection connection;

    WalAdvance(Connection connection) {
        this.connection = connection;
    }

    /** Refuses where too much would have to be written. */
    void requireFeasible(Lsn lsn) throws SQLException {
        long missing = missing(lsn);
        if (missing > MOST_BYTES) {
            throw new TidemarkException(
                    ErrorCode.DATA_LOSS,
                    "The source's WAL ends " + missing + " bytes before what was captured, at " + lsn
                            + ": that is too much to go on from. Capture it under a new kafka.prefix and slot");
        }
    }

    /** Writes messages that nobody reads until the WAL ends there, or later. */
    void to(Lsn lsn) throws SQLException {
        long missing = missing(lsn);
        if (missing > 0) {
            LOG.info("The source's WAL ends {} bytes before what was captured: as many are written", missing);
        }
        for (; missing > 0; missing = missing(lsn)) {
            write((int) Math.min(missing, AT_ONCE));
        }
    }

    private long missing(Lsn lsn) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT pg_wal_lsn_diff(?::pg_lsn, pg_current_wal_insert_lsn())")) {
            statement.setString(1, lsn.toString());
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    private void write(int bytes) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT pg_logical_emit_message(false, ?, repeat(' ', ?))")) {
            statement.setString(1, IdlePulse.PREFIX);
            statement.setInt(2, bytes);
            statement.execute();
        }
    }
}
