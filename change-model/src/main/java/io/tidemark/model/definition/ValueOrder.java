package io.tidemark.model.definition;

import io.tidemark.model.Column;

/** How values of a type are ordered, so that it can be told from their JSON and by PostgreSQL alike. */
public enum ValueOrder {

    /** By value; -Infinity before the numbers, Infinity and NaN after them. */
    NUMBER,

    /** False first. */
    BOOLEAN,

    /** Dates and timestamps by time, infinities and years before Christ included. */
    TIME,

    /** By code point: {@code COLLATE "C"} in UTF-8. */
    TEXT,

    /** By the JSON of the value, whatever its type: numbers by value, then text by code point. */
    JSON;

    /** The order of a column's values. */
    public static ValueOrder of(Column column) {
        return switch (column.baseType()) {
            case "smallint", "integer", "bigint", "numeric", "real", "double precision" -> NUMBER;
            case "boolean" -> BOOLEAN;
            case "date", "timestamp without time zone", "timestamp with time zone" -> TIME;
            case "text", "character varying" -> TEXT;
            default -> JSON;
        };
    }
}
