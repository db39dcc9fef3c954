package io.tidemark.stores.sql;

import io.tidemark.model.SqlIdentifiers;
import io.tidemark.model.Version;
import io.tidemark.model.store.Generation;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.function.Supplier;

/**
 * How far the history of a generation is, and from where on it is whole; in a row of {@code _tidemark_history} that its
 * readers may read.
 */
final class HistoryProgress {

    /**
     * The newest version written, and the newest commit time of all up to it.
     *
     * @param committed never goes back, as commit times do
     */
    record Newest(Version version, Instant committed) {}

    private static final Newest NOTHING = new Newest(new Version(0, 0), Instant.EPOCH);

    private final Supplier<String> schema;
    private final Generation generation;

    HistoryProgress(Supplier<String> schema, Generation generation) {
        this.schema = schema;
        this.generation = generation;
    }

    void create(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("create table if not exists " + table()
                    + " (model text, generation integer, whole_from bigint, whole_from_time timestamptz,"
                    + " position bigint not null, ord integer not null, committed timestamptz not null,"
                    + " primary key (model, generation))");
            statement.execute("create table if not exists " + HistoryTable.truncates(schema.get())
                    + " (collection text, position bigint, ord integer, committed timestamptz not null,"
                    + " primary key (collection, position, ord))");
        }
    }

    /** Nothing of a generation is there: what an unfinished filling left does not count. */
    void begin(Connection connection) throws SQLException {
        try (Statement truncates = connection.createStatement();
                PreparedStatement delete =
                        prepare(connection, "delete from " + table() + " where model = ? and generation = ?")) {
            truncates.execute("truncate " + HistoryTable.truncates(schema.get()));
            delete.executeUpdate();
        }
    }

    Newest newest(Connection connection) throws SQLException {
        try (PreparedStatement select = prepare(
                        connection,
                        "select position, ord, committed from " + table() + " where model = ? and generation = ?");
                ResultSet row = select.executeQuery()) {
            return row.next()
                    ? new Newest(
                            new Version(row.getLong(1), row.getInt(2)),
                            row.getObject(3, OffsetDateTime.class).toInstant())
                    : NOTHING;
        }
    }

    void save(Connection connection, Newest newest) throws SQLException {
        try (PreparedStatement upsert = prepare(
                connection,
                "insert into " + table() + " (model, generation, position, ord, committed)"
                        + " values (?, ?, ?, ?, ?::timestamptz) on conflict (model, generation) do update set"
                        + " position = excluded.position, ord = excluded.ord, committed = excluded.committed")) {
            upsert.setLong(3, newest.version().position());
            upsert.setInt(4, newest.version().order());
            upsert.setString(5, newest.committed().toString());
            upsert.executeUpdate();
        }
    }

    /** From this position on, and from this time on, nothing is missing. */
    void wholeFrom(Connection connection, long position, Instant time) throws SQLException {
        try (PreparedStatement upsert = prepare(
                connection,
                "insert into " + table() + " (model, generation, whole_from, whole_from_time, position, ord, committed)"
                        + " values (?, ?, ?, ?::timestamptz, 0, 0, 'epoch')"
                        + " on conflict (model, generation) do update set whole_from = excluded.whole_from,"
                        + " whole_from_time = excluded.whole_from_time")) {
            upsert.setLong(3, position);
            upsert.setString(4, time.toString());
            upsert.executeUpdate();
        }
    }

    private PreparedStatement prepare(Connection connection, String sql) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        statement.setString(1, generation.model());
        statement.setInt(2, generation.number());
        return statement;
    }

    private String table() {
        return SqlIdentifiers.quote(schema.get()) + "." + SqlIdentifiers.quote("_tidemark_history");
    }
}
