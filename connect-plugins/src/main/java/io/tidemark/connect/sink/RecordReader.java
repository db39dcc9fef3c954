package io.tidemark.connect.sink;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.connect.Placeholders;
import io.tidemark.model.RowKey;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.Version;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.DocumentBody;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.jspecify.annotations.Nullable;

/**
 * Reads what records ask of a store, without I/O.
 *
 * <p>A record of one of Tidemark's topics is fenced by its position and order. Any other is fenced by its offset in the
 * topic it was read from: that rises within a partition, and a key stays in its partition.
 */
final class RecordReader {

    private final SinkSettings settings;
    private final TargetStore store;
    private final String collection;
    private final boolean keysStay;
    private final RecordKeys keys;
    private final KeyShape shape;
    private final Placeholders placeholders;

    /**
     * Reads for one store.
     *
     * @param topic that records are called now
     * @param collection what its documents belong to
     * @param keysStay whether all records of a document are in one partition, whatever its key is made of
     */
    RecordReader(SinkSettings settings, TargetStore store, String topic, String collection, boolean keysStay) {
        this.settings = settings;
        this.store = store;
        this.collection = collection;
        this.keysStay = keysStay;
        this.keys = new RecordKeys(settings.keyFields());
        Set<String> names = store.keyNames(topic);
        this.shape = new KeyShape(names.isEmpty() ? Set.copyOf(settings.keyFields()) : names, settings.keyTypes());
        this.placeholders = new Placeholders(settings.placeholder());
    }

    /**
     * What a record asks.
     *
     * @throws ConnectException when the connector is not configured for such records: none of them can be written
     */
    Meaning read(SinkRecord record) {
        byte[] applied = Headers.bytes(record, Headers.APPLIED);
        byte[] position = Headers.bytes(record, Version.HEADER);
        if (applied != null || position != null) {
            requireReadCommitted(record);
        }
        try {
            return settings.input() == Input.DOCUMENTS
                    ? document(record, position, applied)
                    : record(record, position, applied);
        } catch (DataException e) {
            return new Meaning.Malformed(String.valueOf(e.getMessage()));
        }
    }

    private void requireReadCommitted(SinkRecord record) {
        if (!settings.readCommitted()) {
            throw new ConnectException("The topic " + record.originalTopic() + " is written in transactions: set "
                    + SinkKeys.ISOLATION + "=" + SinkKeys.READ_COMMITTED + " for this connector");
        }
    }

    private Meaning document(SinkRecord record, byte @Nullable [] position, byte @Nullable [] applied) {
        if (applied != null) {
            return new Meaning.Marker(decoded(() -> TidemarkRef.parse(new String(applied, StandardCharsets.US_ASCII))));
        }
        if (position == null) {
            throw new ConnectException("A record of " + record.originalTopic() + " has no header " + Version.HEADER
                    + ": it is no documents topic. Set " + SinkKeys.INPUT + "=records for this connector");
        }
        byte[] withheld = Headers.bytes(record, Headers.WITHHELD);
        if (withheld != null) {
            return new Meaning.Malformed(new String(withheld, StandardCharsets.UTF_8));
        }
        Values.requireExactKey(record);
        // The key as its bytes are in the topic, which reconciliation knows it by.
        RowKey key = record.key() instanceof byte[] bytes && bytes.length > 0 && bytes[0] == '{'
                ? RowKey.decode(bytes)
                : keys.of(record.keySchema(), record.key());
        return write(key, decoded(() -> Version.decode(position)), Values.document(record));
    }

    private Meaning record(SinkRecord record, byte @Nullable [] position, byte @Nullable [] applied) {
        if (applied != null) {
            throw new ConnectException("The topic " + record.originalTopic()
                    + " has markers: it is a documents topic. Set " + SinkKeys.INPUT + "=documents for this connector");
        }
        if (record.headers().lastWithName(Headers.UNCHANGED) != null) {
            throw new DataException(
                    "FillUnchanged left large values out, and a document is written whole: use that transform"
                            + " for writers of partial updates");
        }
        if (position != null) {
            Values.requireExactKey(record);
        }
        return position == null
                ? row(record, new Version(record.originalKafkaOffset() + 1, 0), RowValue.of(Values.of(record)), false)
                : row(
                        record,
                        store.versioning().of(decoded(() -> Version.decode(position))),
                        RowValue.of(Values.exact(record)),
                        true);
    }

    private Meaning row(SinkRecord record, Version version, RowValue value, boolean ours) {
        if (value instanceof RowValue.Truncated) {
            return ours && store.truncates()
                    ? new Meaning.Write(new Document(collection, RowKey.TRUNCATE, version, (DocumentBody) null, null))
                    : new Meaning.Truncate();
        }
        Optional<ObjectNode> row =
                value instanceof RowValue.Row present ? Optional.of(present.row()) : ((RowValue.Gone) value).before();
        if (!(value instanceof RowValue.Row) && settings.onNull() != Unwanted.DELETE) {
            return unwantedDelete();
        }
        RowKey key = settings.keyInValue() ? keyIn(record, row) : keys.of(record.keySchema(), record.key());
        if (!ours && !keysStay) {
            requireWholeKey(record, key);
        }
        if (!(value instanceof RowValue.Row)) {
            return write(key, version, null);
        }
        Optional<String> unknown = placeholders.find(row.orElseThrow());
        return unknown.<Meaning>map(
                        field -> new Meaning.Malformed("PostgreSQL did not send the large value of '" + field
                                + "', and a document is written whole. Give the table REPLICA IDENTITY FULL, or the connector the"
                                + " post processor ReselectColumns"))
                .orElseGet(() -> write(key, version, DocumentBody.of(row.orElseThrow())));
    }

    /** The records of one key are in one partition; those of a part of it, or of something else, may be in several. */
    private void requireWholeKey(SinkRecord record, RowKey key) {
        boolean asItIs = !settings.keyInValue() && settings.keyFields().isEmpty();
        boolean whole = asItIs || keys.isWhole(key, record.keySchema(), record.key());
        boolean changed = !settings.keyTransforms().isEmpty();
        if (!changed && whole) {
            return;
        }
        String why = "The document's key is not the whole key its record has in " + record.originalTopic()
                + (changed ? ", which " + settings.keyTransforms() + " may change" : "")
                + ": records of one document may be in several partitions, and offsets say nothing of which of them is"
                + " newer. Take the whole key; or, when one document's records are in one partition, set "
                + SinkKeys.ONE_PARTITION + "=true (" + SinkKeys.BOOTSTRAP + " shows when a topic has only one)";
        // Of these every record would be refused.
        throw changed || settings.keyInValue() ? new ConnectException(why) : new DataException(why);
    }

    /** A delete without a value has its key in the record's key, or nowhere. */
    private RowKey keyIn(SinkRecord record, Optional<ObjectNode> row) {
        return row.map(keys::ofDocument)
                .or(() -> keys.named(record.keySchema(), record.key()))
                .orElseThrow(() ->
                        new DataException("It is a delete without a value, and its key does not have the fields of "
                                + SinkKeys.PRIMARY_KEY_FIELDS + " (" + SinkKeys.PRIMARY_KEY_MODE
                                + "=record_value). Where an envelope"
                                + " says each delete, too, as Debezium's do, drop tombstones: with the transform"
                                + " org.apache.kafka.connect.transforms.Filter and the predicate RecordIsTombstone"));
    }

    private Meaning unwantedDelete() {
        return settings.onNull() == Unwanted.IGNORE
                ? new Meaning.Nothing()
                : new Meaning.Malformed("It is a delete, and " + SinkKeys.ON_NULL + "=fail");
    }

    private static <T> T decoded(Supplier<T> header) {
        try {
            return header.get();
        } catch (IllegalArgumentException e) {
            throw new DataException("A header of Tidemark's says nothing: " + e.getMessage(), e);
        }
    }

    private Meaning write(RowKey key, Version version, @Nullable DocumentBody body) {
        if (body == null && settings.onNull() != Unwanted.DELETE) {
            return unwantedDelete();
        }
        shape.require(key);
        return new Meaning.Write(new Document(collection, key, version, body, null));
    }
}
