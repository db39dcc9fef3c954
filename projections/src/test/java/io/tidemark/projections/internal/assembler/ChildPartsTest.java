package io.tidemark.projections.internal.assembler;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.model.Column;
import io.tidemark.model.Json;
import io.tidemark.model.Relation;
import io.tidemark.model.TableId;
import io.tidemark.model.Version;
import io.tidemark.model.definition.Aggregate;
import io.tidemark.model.definition.Aggregate.Function;
import io.tidemark.model.definition.Children;
import io.tidemark.model.definition.DocumentNode;
import io.tidemark.model.definition.SortColumn;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueStore;
import org.junit.jupiter.api.Test;

class ChildPartsTest {

    private static final Relation TABLE = new Relation(
            new TableId("public", "t"),
            List.of(new Column("id", "integer", 0, false), new Column("price", "numeric", 0, true)),
            List.of("id"),
            List.of(),
            1);
    private static final List<Aggregate> AGGREGATES = List.of(
            new Aggregate("children", Function.COUNT, null),
            new Aggregate("prices", Function.COUNT, "price"),
            new Aggregate("total", Function.SUM, "price"),
            new Aggregate("mean", Function.AVG, "price"),
            new Aggregate("min", Function.MIN, "price"),
            new Aggregate("max", Function.MAX, "price"));
    private static final Children FIRST_THREE = children(3, true);
    private static final byte[] PARENT = StepDriver.key(1);
    private static final Version VERSION = new Version(1, 0);

    private final KeyValueStore<Bytes, byte[]> store = StepDriver.store();

    private static Children children(int limit, boolean listed) {
        return new Children(
                "many",
                List.of(),
                List.of(new SortColumn("price", true, false)),
                limit,
                listed,
                AGGREGATES,
                new DocumentNode(TABLE, List.of(), List.of(), List.of()));
    }

    private ChildParts parts(Children children) {
        return new ChildParts(List.of(children), new Region(store, 'p'));
    }

    private static void put(ChildParts parts, int id, String price) {
        JsonNode row = Json.parse("{\"id\": " + id + ", \"price\": " + price + "}");
        Bytes values = Bytes.wrap(new ChildValues(FIRST_THREE).of(row));
        parts.apply(PARENT, new Edge.Child("many", VERSION, key(id), values, Bytes.wrap(Json.bytes(row))));
    }

    private static void remove(ChildParts parts, int id) {
        parts.apply(PARENT, new Edge.Child("many", VERSION, key(id), Bytes.wrap(new byte[] {'[', ']'}), null));
    }

    private static Bytes key(int id) {
        return Bytes.wrap(StepDriver.key(id));
    }

    private static String content(ChildParts parts, Children children) {
        ChildParts.Content content = parts.of(PARENT, children);
        List<String> objects = content.objects().stream()
                .map(object -> new String(object, StandardCharsets.UTF_8))
                .toList();
        return objects + " " + content.aggregates();
    }

    private String minAndMax(String... prices) {
        ChildParts parts = parts(FIRST_THREE);
        for (int id = 0; id < prices.length; id++) {
            put(parts, id, prices[id]);
        }
        return parts.of(PARENT, FIRST_THREE).aggregates().subList(4, 6).toString();
    }

    @Test
    void of_equal_numbers_the_one_with_fewer_digits_is_chosen_whatever_their_order() {
        assertThat(minAndMax("1.50", "1.5", "1.500")).isEqualTo("[1.5, 1.5]");
        assertThat(minAndMax("1.5", "2.00", "1.50", "2")).isEqualTo("[1.5, 2]");
    }

    @Test
    void nulls_do_not_count() {
        assertThat(minAndMax("null", "-1", "null")).isEqualTo("[-1, -1]");
    }

    @Test
    void without_values_there_are_none_to_aggregate() {
        assertThat(minAndMax("null")).isEqualTo("[null, null]");
    }

    @Test
    void what_is_kept_of_many_children_is_what_reading_them_all_gives() {
        long seed = 11;
        Random random = new Random(seed);
        ChildParts kept = parts(FIRST_THREE);
        for (int change = 0; change < 6_000; change++) {
            // Around the number from which on a summary is kept, with runs of removals from the front.
            int id = random.nextInt(ChildParts.MANY * 2);
            if (random.nextInt(5) < 2) {
                remove(kept, random.nextBoolean() ? id : id % 20);
            } else {
                put(kept, id, price(random, id));
            }
            if (random.nextInt(10) > 0) {
                assertThat(content(kept, FIRST_THREE))
                        .as("change %s of seed %s", change, seed)
                        .isEqualTo(content(parts(FIRST_THREE), FIRST_THREE));
            }
        }
    }

    /** Low ids have the highest prices and the most digits, so that both go when their children do. */
    private static String price(Random random, int id) {
        if (id < 20) {
            return 1_000 + id + "." + "0".repeat(random.nextInt(20)) + random.nextInt(10);
        }
        return switch (random.nextInt(200)) {
            case 0 -> "\"NaN\"";
            case 1 -> "\"-Infinity\"";
            case 2, 3, 4 -> "null";
            default -> random.nextInt(900) + "." + random.nextInt(100);
        };
    }

    @Test
    void a_change_of_one_of_many_reads_no_other() {
        ChildParts parts = parts(FIRST_THREE);
        for (int id = 0; id < ChildParts.MANY; id++) {
            put(parts, id, "" + id);
        }
        content(parts, FIRST_THREE);
        // Gone behind its back: who reads the others misses them.
        ChildParts other = parts(FIRST_THREE);
        IntStream.range(10, 100).forEach(id -> remove(other, id));

        put(parts, 7, "5000");
        String first = content(parts, FIRST_THREE);
        remove(parts, 7);
        String second = content(parts, FIRST_THREE);

        assertThat(first).startsWith("[{\"id\":7,\"price\":5000}, {\"id\":199,");
        assertThat(first).contains("}] [200, 200, 24893,");
        assertThat(second)
                .startsWith("[{\"id\":199,\"price\":199}, {\"id\":198,")
                .contains("}] [199, 199, 19893,");
        assertThat(content(parts(FIRST_THREE), FIRST_THREE)).contains("}] [109, 109,");
    }

    @Test
    void when_all_that_were_kept_are_gone_the_others_are_read() {
        ChildParts parts = parts(FIRST_THREE);
        for (int id = 0; id < 2 * ChildParts.MANY; id++) {
            put(parts, id, "" + id);
        }
        for (int id = 2 * ChildParts.MANY - 1; id >= ChildParts.MANY; id--) {
            content(parts, FIRST_THREE);
            remove(parts, id);
        }

        assertThat(content(parts, FIRST_THREE)).startsWith("[{\"id\":199,\"price\":199}, {\"id\":198,");
    }

    @Test
    void a_whole_list_and_no_list_have_the_same_aggregates() {
        Children whole = children(Children.ALL, true);
        Children none = children(Children.ALL, false);
        ChildParts parts = parts(whole);
        Stream.of(3, 1, 2).forEach(id -> put(parts, id, id + ".5"));

        ChildParts.Content content = parts.of(PARENT, whole);

        assertThat(content.objects()).hasSize(3);
        assertThat(content.aggregates()).hasToString("[3, 3, 7.5, 2.5000000000000000, 1.5, 3.5]");
        assertThat(content(parts(none), none)).isEqualTo("[] " + content.aggregates());
    }
}
