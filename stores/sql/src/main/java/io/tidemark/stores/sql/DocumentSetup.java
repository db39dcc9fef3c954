package io.tidemark.stores.sql;

import io.tidemark.model.Column;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.SqlIdentifiers;
import io.tidemark.model.TidemarkException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Creates the table of a document model, and keeps its columns those of the model. */
final class DocumentSetup {

    /** Tells the columns that are entries of the document from those that somebody else added. */
    private static final String OURS = "An entry of the document, kept by Tidemark";

    private final TableSetup setup;
    private final SqlDocumentTable where;
    private final GuardedTable table;

    DocumentSetup(TableSetup setup, SqlDocumentTable where, GuardedTable table) {
        this.setup = setup;
        this.where = where;
        this.table = table;
    }

    /**
     * Sees to it that the table is there.
     *
     * @param known whether the generation had its table already
     */
    void ensure(boolean known) throws SQLException {
        if (!setup.exists(table.quoted())) {
            create();
        } else if (known && setup.columns(table.quoted()).containsKey(GuardedTable.POSITION)) {
            alter();
        } else {
            throw new TidemarkException(
                    ErrorCode.CONFIGURATION,
                    "Table " + table.quoted() + " in " + setup.store() + " exists and is not this read model's:"
                            + " choose another table, or drop it");
        }
    }

    private void create() throws SQLException {
        Map<String, String> types = new LinkedHashMap<>();
        for (Column column : where.key()) {
            types.put(column.name(), keyType(column));
        }
        types.put(SqlDocumentTable.DOCUMENT, "jsonb not null");
        types.putAll(columnTypes());
        setup.execute(table.create(column -> types.getOrDefault(column.name(), "text")));
        for (Column column : where.columns()) {
            setup.execute(comment(column.name()));
        }
    }

    /**
     * A key is read back from its columns, so a type the warehouse lacks must not hide whether its JSON is text. That of
     * enums and citext is; of others, such as domains, nothing is known.
     */
    private String keyType(Column column) throws SQLException {
        boolean text = !column.detail().isEmpty() || column.baseType().endsWith("citext");
        return setup.type(column, text ? "text" : "jsonb");
    }

    private Map<String, String> columnTypes() throws SQLException {
        Map<String, String> types = new LinkedHashMap<>();
        for (Column column : where.columns()) {
            types.put(column.name(), setup.type(column));
        }
        return types;
    }

    /** Drops columns that are no entries any more, adds those that are new, and fills them from the documents. */
    private void alter() throws SQLException {
        Map<String, String> wanted = columnTypes();
        Map<String, String> present = setup.columns(table.quoted());
        for (Map.Entry<String, String> commented : setup.comments(table).entrySet()) {
            String name = commented.getKey();
            boolean kept = present.getOrDefault(name, "").equals(wanted.getOrDefault(name, ""));
            if (commented.getValue().equals(OURS) && !kept) {
                setup.execute(table.dropColumn(name));
            }
        }
        Map<String, String> ours = setup.comments(table);
        Map<String, String> left = setup.columns(table.quoted());
        List<String> added = new ArrayList<>();
        for (Map.Entry<String, String> column : wanted.entrySet()) {
            if (!left.containsKey(column.getKey())) {
                setup.execute(table.addColumn(column.getKey(), column.getValue()));
                setup.execute(comment(column.getKey()));
                added.add(column.getKey());
            } else if (!OURS.equals(ours.get(column.getKey()))) {
                throw new TidemarkException(
                        ErrorCode.CONFIGURATION,
                        "Table " + table.quoted() + " in " + setup.store() + " has a column '" + column.getKey()
                                + "' that is not Tidemark's: drop or rename it, or leave it out of 'columns'");
            }
        }
        if (!added.isEmpty()) {
            setup.execute(fill(added));
        }
    }

    private String comment(String column) {
        return "comment on column " + table.quoted() + "." + SqlIdentifiers.quote(column) + " is "
                + SqlIdentifiers.literal(OURS);
    }

    /** Only these entries are converted: another column may be named as an entry is, and be of another type. */
    private String fill(List<String> columns) {
        String document = "t." + SqlDocumentTable.DOCUMENT;
        String entries = columns.stream()
                .map(SqlIdentifiers::literal)
                .map(name -> name + ", " + document + " -> " + name)
                .collect(Collectors.joining(", ", "jsonb_build_object(", ")"));
        String values = columns.stream()
                .map(SqlIdentifiers::quote)
                .map(column ->
                        column + " = (jsonb_populate_record(null::" + table.quoted() + ", " + entries + "))." + column)
                .collect(Collectors.joining(", "));
        return "update " + table.quoted() + " t set " + values + " where jsonb_typeof(" + document + ") = 'object'";
    }
}
