package io.tidemark.app.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.store.Document;
import io.tidemark.reconciliation.DriftKind;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

/** What somebody may do to an order in a store. */
enum Corruption {
    EDITED,
    DELETED,
    ADDED,
    ONE_CHARACTER_OF_A_NESTED_FIELD,
    A_LIST_REORDERED,
    AN_OLD_VERSION_WRITTEN_BACK,
    A_NUMBER_OF_ANOTHER_SCALE,
    NULL_MADE_ABSENT,
    A_POSITION_OF_THE_FUTURE;

    /** Of no transaction. */
    static final long FUTURE = 1_000_000_000_000_000L;

    DriftKind drift() {
        return switch (this) {
            case DELETED -> DriftKind.MISSING;
            case ADDED -> DriftKind.EXTRA;
            default -> DriftKind.DIFFERENT;
        };
    }

    /** False where the order has nothing that could be changed so. */
    boolean changes(ObjectNode order) {
        return switch (this) {
            case DELETED, ADDED -> true;
            case EDITED -> change(order, "status", order.path("status").asText() + ".");
            case ONE_CHARACTER_OF_A_NESTED_FIELD ->
                order.at("/lines/0/product") instanceof ObjectNode product
                        && change(product, "name", product.path("name").asText() + ".");
            case A_LIST_REORDERED -> reverse(order.path("lines"));
            case AN_OLD_VERSION_WRITTEN_BACK -> {
                order.put(Document.POSITION_FIELD, 1);
                yield add(order, BigDecimal.ONE);
            }
            case A_NUMBER_OF_ANOTHER_SCALE -> order.has("lines") && add(order, new BigDecimal("0.000"));
            case NULL_MADE_ABSENT -> order.has("lines") && order.remove("note") != null;
            case A_POSITION_OF_THE_FUTURE -> {
                order.put(Document.POSITION_FIELD, FUTURE);
                yield add(order, BigDecimal.ONE);
            }
        };
    }

    private static boolean change(ObjectNode object, String field, String text) {
        object.put(field, text);
        return true;
    }

    private static boolean add(ObjectNode order, BigDecimal number) {
        order.put("total", order.path("total").decimalValue().add(number));
        return true;
    }

    private static boolean reverse(JsonNode list) {
        if (!(list instanceof ArrayNode lines) || lines.size() < 2) {
            return false;
        }
        List<JsonNode> reversed = new ArrayList<>();
        lines.forEach(line -> reversed.add(0, line));
        lines.removeAll();
        reversed.forEach(lines::add);
        return true;
    }
}
