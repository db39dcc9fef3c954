package io.tidemark.app.config;

import io.tidemark.capture.SlotBudget;
import io.tidemark.model.ColumnRules;
import io.tidemark.model.Secret;
import io.tidemark.model.TableId;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The source database.
 *
 * @param url of JDBC, {@code jdbc:postgresql:...}
 * @param password empty when the file has none
 * @param tables that are captured, by pattern
 * @param columns whose values may not reach a topic as they are
 * @param slot replication slot; {@code tidemark_<prefix>} when the file does not say
 * @param publication the same default
 * @param snapshotThreads how many read tables at once; 2 when the file does not say
 * @param retainedWal how much WAL the slot may hold back; warns at 5 GB, errs at 50 GB when the file does not say
 */
public record SourceConfig(
        ConnectionUrl url,
        String user,
        Secret password,
        List<TablePattern> tables,
        List<ProtectedColumn> columns,
        String slot,
        String publication,
        int snapshotThreads,
        SlotBudget retainedWal) {

    public SourceConfig {
        tables = List.copyOf(tables);
        columns = List.copyOf(columns);
    }

    /** The rules of {@link #columns()}. */
    public ColumnRules rules() {
        return new ColumnRules(columns.stream()
                .collect(Collectors.groupingBy(
                        ProtectedColumn::table, Collectors.toMap(ProtectedColumn::column, ProtectedColumn::rule))));
    }

    public boolean captures(TableId table) {
        return TablePattern.anyMatches(tables, table);
    }
}
