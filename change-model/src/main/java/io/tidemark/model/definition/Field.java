package io.tidemark.model.definition;

import java.util.List;

/**
 * A column's value in a document.
 *
 * @param name in the document
 * @param column in the table
 */
public record Field(String name, String column) {

    /** Columns under their own names. */
    public static List<Field> named(List<String> columns) {
        return columns.stream().map(column -> new Field(column, column)).toList();
    }
}
