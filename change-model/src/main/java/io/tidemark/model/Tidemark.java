package io.tidemark.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A record of the tidemarks topic: everything up to a transaction of the source is in the change topics.
 *
 * @param number position of the last complete transaction
 * @param lsn end of its commit record, or further when the source is idle
 * @param full whether {@code offsets} names every change topic; otherwise those that moved since the tidemark before
 * @param offsets per change topic, by partition, the offset just past the last record with position at or below number
 * @param transactions those newly covered, in commit order
 * @param unlistedTo transactions newly covered with positions up to this one are not listed: too many of them passed
 *     while tidemarks were held back; 0 when all are
 * @param gap what it ends: of the time before it the topics do not hold all; null but after something was lost
 */
public record Tidemark(
        long number,
        Lsn lsn,
        boolean full,
        Map<String, List<Long>> offsets,
        List<Transaction> transactions,
        long unlistedTo,
        @Nullable Gap gap) {

    /**
     * A captured transaction of the source, or a chunk of a snapshot.
     *
     * @param position its number in commit order
     * @param xid PostgreSQL's 32-bit transaction id; 0 for rows that capture itself read or deleted, between two
     *     transactions
     * @param endLsn end of its commit record
     * @param commitTime running maximum of the source's commit times, since those run backwards now and then
     * @param changes how many it made: those with orders 0 up to this, over all change topics, are all of it
     */
    public record Transaction(long position, long xid, Lsn endLsn, Instant commitTime, int changes) {}

    /** One that lists every transaction it covers. */
    public Tidemark(
            long number, Lsn lsn, boolean full, Map<String, List<Long>> offsets, List<Transaction> transactions) {
        this(number, lsn, full, offsets, transactions, 0);
    }

    /** One that ends no gap. */
    public Tidemark(
            long number,
            Lsn lsn,
            boolean full,
            Map<String, List<Long>> offsets,
            List<Transaction> transactions,
            long unlistedTo) {
        this(number, lsn, full, offsets, transactions, unlistedTo, null);
    }

    public Tidemark {
        Map<String, List<Long>> copy = new LinkedHashMap<>();
        offsets.forEach((topic, perPartition) -> copy.put(topic, List.copyOf(perPartition)));
        offsets = copy;
        transactions = List.copyOf(transactions);
    }

    /**
     * Takes a read token: where the source's WAL ends now. A read model whose applied tidemark's LSN is at or past it holds
     * everything that was committed before.
     *
     * @param connection to the source (its primary), after the commit: a token taken before is too low for it
     */
    public static Lsn token(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_current_wal_insert_lsn()::text")) {
            row.next();
            return Lsn.parse(row.getString(1));
        }
    }

    public TidemarkRef ref() {
        return new TidemarkRef(number, lsn);
    }

    public ObjectNode toJson() {
        ObjectNode json = Json.object();
        json.put("number", number);
        json.put("lsn", lsn.toString());
        json.put("full", full);
        ObjectNode offsetsJson = json.putObject("offsets");
        offsets.forEach((topic, perPartition) -> {
            var array = offsetsJson.putArray(topic);
            perPartition.forEach(array::add);
        });
        var transactionsJson = json.putArray("transactions");
        for (Transaction transaction : transactions) {
            transactionsJson
                    .addObject()
                    .put("position", transaction.position())
                    .put("xid", transaction.xid())
                    .put("lsn", transaction.endLsn().toString())
                    .put("commit_time", transaction.commitTime().toString())
                    .put("changes", transaction.changes());
        }
        if (unlistedTo > 0) {
            json.put("unlisted_to", unlistedTo);
        }
        if (gap != null) {
            json.set("gap", gap.toJson());
        }
        return json;
    }

    public static Tidemark fromJson(JsonNode json) {
        List<Transaction> transactions = new ArrayList<>();
        json.required("transactions")
                .forEach(transaction -> transactions.add(new Transaction(
                        transaction.required("position").longValue(),
                        transaction.required("xid").longValue(),
                        Lsn.parse(transaction.required("lsn").textValue()),
                        Instant.parse(transaction.required("commit_time").textValue()),
                        transaction.required("changes").intValue())));
        return new Tidemark(
                json.required("number").longValue(),
                Lsn.parse(json.required("lsn").textValue()),
                json.required("full").booleanValue(),
                offsetsFromJson(json.required("offsets")),
                transactions,
                json.path("unlisted_to").longValue(),
                json.has("gap") ? Gap.fromJson(json.required("gap")) : null);
    }

    /** Reads a map of topic to offsets by partition. */
    public static Map<String, List<Long>> offsetsFromJson(JsonNode json) {
        Map<String, List<Long>> offsets = new LinkedHashMap<>();
        json.properties().forEach(entry -> {
            List<Long> perPartition = new ArrayList<>();
            entry.getValue().forEach(offset -> perPartition.add(offset.longValue()));
            offsets.put(entry.getKey(), perPartition);
        });
        return offsets;
    }
}
