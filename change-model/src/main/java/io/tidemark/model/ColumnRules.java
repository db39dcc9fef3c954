package io.tidemark.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.ColumnRule.Drop;
import io.tidemark.model.ColumnRule.Hash;
import io.tidemark.model.ColumnRule.Mask;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The columns whose values may not reach a topic as they are. Capture applies the rules to every row it reads, from the
 * snapshot and from the stream; reconciliation applies them to what the source answers. What follows either sees tables
 * without the dropped columns, with text in the place of the others.
 *
 * @param byTable by table and column
 */
public record ColumnRules(Map<TableId, Map<String, ColumnRule>> byTable) {

    public static final ColumnRules NONE = new ColumnRules(Map.of());

    private static final Set<String> TEXTS = Set.of("text", "character varying", "character", "citext");
    private static final String TEXT = "text";
    private static final long TEXT_OID = 25;
    private static final String MASKED = "***";
    private static final String ALGORITHM = "HmacSHA256";

    public ColumnRules {
        byTable = byTable.entrySet().stream()
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, table -> Map.copyOf(table.getValue())));
    }

    /** The rules of a table by column. */
    public Map<String, ColumnRule> of(TableId table) {
        return byTable.getOrDefault(table, Map.of());
    }

    /** Why a rule cannot be applied to this column, and what to do; empty when it can. */
    public static Optional<String> misfit(ColumnRule rule, Relation relation, String column) {
        String what = "column '" + column + "' of " + relation.table();
        if (relation.primaryKey().contains(column)) {
            return Optional.of(
                    what + " is in the primary key, by which rows are told apart in the topics; it can neither be"
                            + " dropped nor masked nor hashed");
        }
        Optional<Column> found = relation.column(column);
        if (found.isEmpty()) {
            return Optional.of(what + " is not there");
        }
        boolean text = TEXTS.contains(found.get().baseType());
        return rule instanceof Mask && !text
                ? Optional.of(what + " is " + found.get().type() + ", and only text can be masked; use hash or drop")
                : Optional.empty();
    }

    /**
     * The table as the topics have it.
     *
     * @throws TidemarkException NOT_CAPTURABLE when a rule does not fit: a renamed column would go on unprotected
     */
    public Relation applyTo(Relation relation) {
        Map<String, ColumnRule> rules = of(relation.table());
        rules.forEach((column, rule) -> misfit(rule, relation, column).ifPresent(ColumnRules::refuse));
        List<Column> columns = relation.columns().stream()
                .filter(column -> !(rules.get(column.name()) instanceof Drop))
                .map(column -> rules.containsKey(column.name())
                        ? new Column(column.name(), TEXT, TEXT_OID, column.nullable(), column.number(), "")
                        : column)
                .toList();
        List<ForeignKey> foreignKeys = relation.foreignKeys().stream()
                .filter(key -> key.columns().stream().noneMatch(rules::containsKey))
                .toList();
        return new Relation(
                relation.table(),
                columns,
                relation.primaryKey(),
                foreignKeys,
                relation.version(),
                relation.oid(),
                relation.partitions());
    }

    private static void refuse(String misfit) {
        throw new TidemarkException(
                ErrorCode.NOT_CAPTURABLE,
                "A rule of source.columns cannot be kept: " + misfit
                        + ". Nothing of the table is captured until the rule, or the column, is as it was");
    }

    /** Makes a whole row, or what is known of it, as the topics have it. */
    public void applyTo(TableId table, ObjectNode row) {
        of(table).keySet().forEach(column -> applyTo(table, column, column, row));
    }

    /** The same for one entry of an object, under whatever name it has the column. */
    public void applyTo(TableId table, String column, String name, ObjectNode object) {
        ColumnRule rule = of(table).get(column);
        JsonNode value = object.get(name);
        if (rule != null && value != null) {
            apply(rule, name, value, object);
        }
    }

    private static void apply(ColumnRule rule, String name, JsonNode value, ObjectNode object) {
        if (rule instanceof Drop) {
            object.remove(name);
        } else if (!value.isNull()) {
            object.put(name, rule instanceof Hash hash ? hmac(hash.key(), Json.canonical(value)) : MASKED);
        }
    }

    private static String hmac(Secret key, String text) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(key.reveal().getBytes(StandardCharsets.UTF_8), ALGORITHM));
            return HexFormat.of().formatHex(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every JVM has " + ALGORITHM, e);
        }
    }
}
