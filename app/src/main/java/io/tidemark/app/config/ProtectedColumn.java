package io.tidemark.app.config;

import io.tidemark.model.ColumnRule;
import io.tidemark.model.TableId;

/**
 * An entry of {@code source.columns}.
 *
 * @param name the whole name as the file has it, {@code schema.table.column}
 */
public record ProtectedColumn(Mention name, TableId table, String column, ColumnRule rule) {}
