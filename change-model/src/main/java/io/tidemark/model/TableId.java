package io.tidemark.model;

/** A table of the source by schema and name, both as PostgreSQL stores them (unquoted, case kept). */
public record TableId(String schema, String name) implements Comparable<TableId> {

    public TableId {
        if (schema.isEmpty() || name.isEmpty()) {
            throw new IllegalArgumentException("A table needs a schema and a name, got '" + schema + "." + name + "'");
        }
    }

    /** Reads {@code schema.table}; the first dot separates. */
    public static TableId parse(String text) {
        int dot = text.indexOf('.');
        if (dot < 0) {
            throw new IllegalArgumentException("'" + text + "' is not of the form schema.table");
        }
        return new TableId(text.substring(0, dot), text.substring(dot + 1));
    }

    /** The table as SQL names it, quoted. */
    public String quoted() {
        return SqlIdentifiers.quote(schema) + "." + SqlIdentifiers.quote(name);
    }

    @Override
    public int compareTo(TableId other) {
        int bySchema = schema.compareTo(other.schema);
        return bySchema != 0 ? bySchema : name.compareTo(other.name);
    }

    @Override
    public String toString() {
        return schema + "." + name;
    }
}
