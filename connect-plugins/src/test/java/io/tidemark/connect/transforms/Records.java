package io.tidemark.connect.transforms;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.sink.SinkRecord;

/** Changes of a table of customers, with schemas and without. */
final class Records {

    static final Schema ADDRESS = SchemaBuilder.struct()
            .optional()
            .field("city", Schema.OPTIONAL_STRING_SCHEMA)
            .field("number", Schema.OPTIONAL_INT32_SCHEMA)
            .build();
    static final Schema ROW = SchemaBuilder.struct()
            .name("s.public.customers.Value")
            .optional()
            .field("id", Schema.INT64_SCHEMA)
            .field("email", Schema.OPTIONAL_STRING_SCHEMA)
            .field("notes", Schema.OPTIONAL_STRING_SCHEMA)
            .field("home", ADDRESS)
            .field("others", SchemaBuilder.array(ADDRESS).optional().build())
            .build();
    static final Schema SOURCE = SchemaBuilder.struct()
            .field("schema", Schema.STRING_SCHEMA)
            .field("table", Schema.STRING_SCHEMA)
            .field("snapshot", Schema.OPTIONAL_STRING_SCHEMA)
            .build();
    static final Schema ENVELOPE = SchemaBuilder.struct()
            .name("s.public.customers.Envelope")
            .field("before", ROW)
            .field("after", ROW)
            .field("source", SOURCE)
            .field("op", Schema.STRING_SCHEMA)
            .build();

    private Records() {}

    static Struct address(String city, Integer number) {
        return new Struct(ADDRESS).put("city", city).put("number", number);
    }

    static Struct row(String email, String notes) {
        return new Struct(ROW)
                .put("id", 1L)
                .put("email", email)
                .put("notes", notes)
                .put("home", address("Bern", 3))
                .put("others", List.of(address("Rom", 4), address(null, null)));
    }

    static SinkRecord struct(String op, Struct after, String snapshot) {
        Struct source = new Struct(SOURCE)
                .put("schema", "public")
                .put("table", "customers")
                .put("snapshot", snapshot);
        Struct envelope = new Struct(ENVELOPE).put("op", op).put("after", after).put("source", source);
        return new SinkRecord("s.public.customers", 0, null, Map.of("id", 1L), ENVELOPE, envelope, 3);
    }

    static SinkRecord map(String op, Map<String, Object> after, String snapshot) {
        Map<String, Object> source = new LinkedHashMap<>(Map.of("schema", "public", "table", "customers"));
        source.put("snapshot", snapshot);
        Map<String, Object> envelope = new LinkedHashMap<>();
        envelope.put("op", op);
        envelope.put("after", after);
        envelope.put("source", source);
        return new SinkRecord("s.public.customers", 0, null, Map.of("id", 1L), null, envelope, 3);
    }

    static SinkRecord tombstone() {
        return new SinkRecord("s.public.customers", 0, null, Map.of("id", 1L), null, null, 3);
    }
}
