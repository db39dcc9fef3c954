package io.tidemark.capture.internal.wal;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.capture.internal.wal.ValueType.Attribute;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.TidemarkException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The source's types by oid, as far as printing their values needs them. Immutable.
 *
 * <p>Source: {@code json_categorize_type} in PostgreSQL's {@code jsonfuncs.c}, which is how {@code to_jsonb} chooses: the
 * base of a domain; numbers, booleans, dates and json; true arrays; rows; for a type that did not come with the server
 * its cast to json, if that is a function; the text of anything else.
 */
public final class TypeCatalog {

    /** Oids below are the server's own. */
    private static final long FIRST_USER_OID = 16_384;

    private static final String TYPES = """
            SELECT t.oid, t.typname, t.typtype, t.typelem, t.typbasetype, t.typdelim,
                   t.typelem <> 0 AND t.typsubscript = 'pg_catalog.array_subscript_handler'::regproc AS is_array,
                   EXISTS (SELECT FROM pg_cast c WHERE c.castsource = t.oid AND c.casttarget = 'pg_catalog.json'::regtype
                           AND c.castmethod = 'f') AS has_json_cast,
                   t.typname = 'hstore' AND EXISTS (
                       SELECT FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
                       WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e'
                         AND d.refclassid = 'pg_extension'::regclass AND e.extname = 'hstore') AS is_hstore
            FROM pg_type t
            """;

    /** Row types of tables, most of which no column uses, are left out unless something depends on them. */
    private static final String ATTRIBUTES = """
            SELECT t.oid AS type, a.attnum, a.attname, a.atttypid
            FROM pg_type t JOIN pg_class c ON c.oid = t.typrelid
            LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            WHERE t.typtype = 'c' AND t.oid >= 16384
              AND (c.relkind = 'c' OR EXISTS (
                       SELECT FROM pg_depend d
                       WHERE d.refclassid = 'pg_type'::regclass AND d.refobjid IN (t.oid, t.typarray)
                         AND d.deptype = 'n'))
            ORDER BY t.oid, a.attnum
            """;

    private static final String LABELS =
            "SELECT enumtypid, oid, enumlabel FROM pg_enum ORDER BY enumtypid, enumsortorder";

    /** The server's own types whose JSON is their text: a newer server's types are refused until they are known. */
    private static final Set<String> PRINTED_AS_TEXT = Set.of(
            "bytea",
            "char",
            "name",
            "text",
            "bpchar",
            "varchar",
            "uuid",
            "xml",
            "money",
            "date",
            "time",
            "timetz",
            "interval",
            "bit",
            "varbit",
            "inet",
            "cidr",
            "macaddr",
            "macaddr8",
            "point",
            "lseg",
            "path",
            "box",
            "polygon",
            "line",
            "circle",
            "tsvector",
            "tsquery",
            "jsonpath",
            "refcursor",
            "aclitem",
            "oid",
            "tid",
            "xid",
            "xid8",
            "cid",
            "pg_lsn",
            "pg_snapshot",
            "txid_snapshot",
            "regproc",
            "regprocedure",
            "regoper",
            "regoperator",
            "regclass",
            "regtype",
            "regconfig",
            "regdictionary",
            "regnamespace",
            "regrole",
            "regcollation",
            "int4range",
            "int8range",
            "numrange",
            "tsrange",
            "tstzrange",
            "daterange",
            "int4multirange",
            "int8multirange",
            "nummultirange",
            "tsmultirange",
            "tstzmultirange",
            "datemultirange");

    private record Row(
            long oid,
            String name,
            char kind,
            long element,
            long base,
            char delimiter,
            boolean array,
            boolean jsonCast,
            boolean hstore) {}

    private record RawAttribute(int number, String name, long type) {}

    private final Map<Long, Row> rows;
    private final Map<Long, List<RawAttribute>> attributes;
    private final Map<Long, ObjectNode> labels;

    private TypeCatalog(Map<Long, Row> rows, Map<Long, List<RawAttribute>> attributes, Map<Long, ObjectNode> labels) {
        this.rows = rows;
        this.attributes = attributes;
        this.labels = labels;
    }

    public static TypeCatalog read(Connection connection) throws SQLException {
        return new TypeCatalog(types(connection), attributes(connection), labels(connection));
    }

    private static Map<Long, ObjectNode> labels(Connection connection) throws SQLException {
        Map<Long, ObjectNode> labels = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(LABELS)) {
            while (result.next()) {
                labels.computeIfAbsent(result.getLong("enumtypid"), type -> Json.object())
                        .put(result.getString("oid"), result.getString("enumlabel"));
            }
        }
        return labels;
    }

    /** What {@link io.tidemark.model.Column#detail()} says of a type. */
    public String detail(long oid) {
        Row row = rows.get(oid);
        if (row == null) {
            return "";
        }
        if (row.kind() == 'd') {
            return detail(row.base());
        }
        if (row.array()) {
            return detail(row.element());
        }
        ObjectNode own = labels.get(oid);
        if (row.kind() == 'c') {
            return Json.text(composition(attributes.getOrDefault(oid, List.of())));
        }
        return own == null ? "" : Json.text(own);
    }

    private ArrayNode composition(List<RawAttribute> of) {
        ArrayNode composition = Json.array();
        for (RawAttribute attribute : of) {
            ArrayNode each = composition
                    .addArray()
                    .add(attribute.number())
                    .add(attribute.name())
                    .add(attribute.type());
            String detail = detail(attribute.type());
            if (!detail.isEmpty()) {
                each.add(Json.parse(detail));
            }
        }
        return composition;
    }

    private static Map<Long, Row> types(Connection connection) throws SQLException {
        Map<Long, Row> rows = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(TYPES)) {
            while (result.next()) {
                long oid = result.getLong("oid");
                rows.put(
                        oid,
                        new Row(
                                oid,
                                result.getString("typname"),
                                result.getString("typtype").charAt(0),
                                result.getLong("typelem"),
                                result.getLong("typbasetype"),
                                result.getString("typdelim").charAt(0),
                                result.getBoolean("is_array"),
                                result.getBoolean("has_json_cast"),
                                result.getBoolean("is_hstore")));
            }
        }
        return rows;
    }

    private static Map<Long, List<RawAttribute>> attributes(Connection connection) throws SQLException {
        Map<Long, List<RawAttribute>> attributes = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(ATTRIBUTES)) {
            while (result.next()) {
                List<RawAttribute> ofType =
                        attributes.computeIfAbsent(result.getLong("type"), type -> new ArrayList<>());
                String name = result.getString("attname");
                if (name != null) {
                    ofType.add(new RawAttribute(result.getInt("attnum"), name, result.getLong("atttypid")));
                }
            }
        }
        return attributes;
    }

    /**
     * How values of a type are printed.
     *
     * @throws TidemarkException NOT_CAPTURABLE, saying why, for a type whose JSON cannot be had from its text
     */
    public ValueType valueType(long oid) {
        Row row = rows.get(oid);
        if (row == null) {
            throw refused("type " + oid + " is not in the source's catalogue");
        }
        if (row.kind() == 'd') {
            return valueType(row.base());
        }
        if (row.array()) {
            return array(row);
        }
        if (row.kind() == 'c') {
            return composite(row);
        }
        return oid < FIRST_USER_OID ? builtIn(row) : added(row);
    }

    private ValueType array(Row row) {
        ValueType element = valueType(row.element());
        if (row.name().equals("int2vector") || row.name().equals("oidvector")) {
            return new ValueType.Vector(element);
        }
        Row elementRow = rows.get(row.element());
        return new ValueType.Array(element, elementRow == null ? ',' : elementRow.delimiter());
    }

    private ValueType composite(Row row) {
        List<RawAttribute> known = attributes.get(row.oid());
        if (known == null) {
            throw refused("the rows of the server's own table " + row.name() + " are not read");
        }
        List<Attribute> printed = known.stream()
                .map(attribute -> new Attribute(attribute.name(), valueType(attribute.type())))
                .toList();
        return new ValueType.Composite(printed);
    }

    private static ValueType builtIn(Row row) {
        return switch (row.name()) {
            case "int2", "int4", "int8", "numeric", "float4", "float8" -> new ValueType.Numeric();
            case "bool" -> new ValueType.Bool();
            case "timestamp" -> new ValueType.Timestamp();
            case "timestamptz" -> new ValueType.TimestampTz();
            case "json" -> new ValueType.JsonAsWritten();
            case "jsonb" -> new ValueType.Jsonb();
            default -> {
                if (!PRINTED_AS_TEXT.contains(row.name())) {
                    throw refused(
                            "type " + row.name() + " is internal to the server, or newer than this version knows");
                }
                yield new ValueType.Plain();
            }
        };
    }

    private static ValueType added(Row row) {
        if (row.kind() == 'p') {
            throw refused("type " + row.name() + " is a pseudo-type");
        }
        if (row.hstore()) {
            return new ValueType.Hstore();
        }
        if (row.jsonCast()) {
            throw refused("type " + row.name() + " has a cast to json, a function that only the source can run");
        }
        return new ValueType.Plain();
    }

    private static TidemarkException refused(String why) {
        return new TidemarkException(ErrorCode.NOT_CAPTURABLE, why);
    }
}
