package io.tidemark.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/**
 * One row change in Debezium's envelope, or a truncate, which is in every partition of its table's topic.
 *
 * @param before the row before, or only its key columns, as far as the replica identity sends it
 * @param after the row after, whole; null for deletes and truncates
 */
public record Change(
        Operation operation,
        TableId table,
        @Nullable ObjectNode before,
        @Nullable ObjectNode after,
        Source source) {

    /**
     * Where a change came from; the part of Debezium's {@code source} block that readers use.
     *
     * @param name the topic prefix
     * @param xid transaction of the source; 0 for snapshot reads
     * @param lsn of the change's own WAL record; of the snapshot for snapshot reads
     * @param commitTimeMs when the transaction committed, by the source's clock, since the epoch
     */
    public record Source(String name, String database, boolean snapshot, long xid, Lsn lsn, long commitTimeMs) {

        /** Debezium's block; schema and table are empty for what belongs to no table. */
        public ObjectNode toJson(String schema, String table) {
            return Json.object()
                    .put("version", "tidemark")
                    .put("connector", "postgresql")
                    .put("name", name)
                    .put("ts_ms", commitTimeMs)
                    .put("snapshot", snapshot ? "true" : "false")
                    .put("db", database)
                    .put("schema", schema)
                    .put("table", table)
                    .put("txId", xid)
                    .put("lsn", lsn.value());
        }
    }

    /** The envelope as change topics hold it. */
    public ObjectNode toJson() {
        ObjectNode json = Json.object();
        json.set("before", before);
        json.set("after", after);
        json.set("source", source.toJson(table.schema(), table.name()));
        json.put("op", operation.code());
        json.put("ts_ms", source.commitTimeMs());
        return json;
    }

    /** Reads an envelope back. */
    public static Change fromJson(ObjectNode json) {
        JsonNode source = json.required("source");
        return new Change(
                Operation.ofCode(json.required("op").textValue()),
                new TableId(
                        source.required("schema").textValue(),
                        source.required("table").textValue()),
                objectOrNull(json.get("before")),
                objectOrNull(json.get("after")),
                new Source(
                        source.required("name").textValue(),
                        source.required("db").textValue(),
                        source.required("snapshot").textValue().equals("true"),
                        source.required("txId").longValue(),
                        new Lsn(source.required("lsn").longValue()),
                        source.required("ts_ms").longValue()));
    }

    private static @Nullable ObjectNode objectOrNull(@Nullable JsonNode node) {
        return node instanceof ObjectNode object ? object : null;
    }
}
