package io.tidemark.app.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.tidemark.model.Json;
import io.tidemark.model.Secret;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * One mapping of the file. Its getters report what is wrong and go on with a harmless value, so that one pass finds
 * every problem; nothing parsed is used before the problems were thrown.
 */
final class Section {

    private static final String CONSTANT = "text, true, false or a number without exponent";
    private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,100}(\\.[0-9]{1,100})?");

    private static final Pattern JSON_NUMBER = Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?");

    private record Entry(Mention key, Node value) {}

    private final Reading reading;
    private final Mention name;
    private final String path;
    private final Map<String, Entry> entries = new LinkedHashMap<>();

    /** Whether the file has no such section, which is reported; that it has no keys then is not. */
    private boolean missing;

    private Section(Reading reading, Mention name, String path) {
        this.reading = reading;
        this.name = name;
        this.path = path;
    }

    /** The file itself. */
    static Section top(Reading reading, MappingNode node) {
        return of(reading, new Mention("", reading.place(node)), "", node);
    }

    private static Section of(Reading reading, Mention name, String path, Node node) {
        Section section = new Section(reading, name, path);
        if (!(node instanceof MappingNode mapping)) {
            section.problem(reading.place(node), "expected a mapping, found " + Reading.found(node));
            section.missing = true;
        } else if (reading.isFinite(mapping)) {
            mapping.getValue().forEach(section::put);
        }
        return section;
    }

    private void put(NodeTuple tuple) {
        if (!(tuple.getKeyNode() instanceof ScalarNode scalar)) {
            problem(reading.place(tuple.getKeyNode()), "a key must be text");
            return;
        }
        Mention key = new Mention(scalar.getValue(), reading.place(scalar));
        Entry earlier = entries.putIfAbsent(key.text(), new Entry(key, tuple.getValueNode()));
        if (earlier != null) {
            reading.problems()
                    .add(
                            key.place(),
                            "duplicate key '" + key.text() + "' in " + where() + "; the first is on line "
                                    + earlier.key().place().line());
        }
    }

    Mention name() {
        return name;
    }

    Place place() {
        return name.place();
    }

    boolean isMissing() {
        return missing;
    }

    boolean has(String key) {
        return entries.containsKey(key);
    }

    /** The keys with their places, in the order of the file. */
    List<Mention> keys() {
        return entries.values().stream().map(Entry::key).toList();
    }

    /** How messages call this section: {@code read-models.order-search}. */
    String where() {
        return path.isEmpty() ? "the top level" : path;
    }

    /** The full name of one of its keys: {@code source.url}. */
    String pathOf(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    /** Reports every key that is not one of these. */
    void allowOnly(List<String> allowed) {
        for (Mention key : keys()) {
            if (!allowed.contains(key.text())) {
                unknown(key, allowed);
            }
        }
    }

    void unknown(Mention key, List<String> allowed) {
        reading.problems()
                .add(
                        key.place(),
                        "unknown key '" + key.text() + "' in " + where() + Suggestion.of(key.text(), allowed));
    }

    void problem(Place place, String text) {
        reading.problems().add(place, path.isEmpty() ? text : path + ": " + text);
    }

    void problemWith(Mention value, String key, String text) {
        reading.problems().add(value.place(), pathOf(key) + ": " + text);
    }

    /** A required text; empty after a problem. */
    Mention text(String key) {
        return optionalText(key).orElseGet(() -> {
            requirePresent(key);
            return new Mention("", place());
        });
    }

    Optional<Mention> optionalText(String key) {
        Entry entry = entries.get(key);
        return entry == null ? Optional.empty() : Optional.of(notEmpty(key, scalar(key, entry.value(), "text")));
    }

    /** Never shown, not even when it is of the wrong type. */
    Optional<Secret> secret(String key) {
        Entry entry = entries.get(key);
        return entry == null
                ? Optional.empty()
                : Optional.of(new Secret(scalar(key, entry.value(), "text").text()));
    }

    OptionalInt optionalInt(String key, int min, int max) {
        Entry entry = entries.get(key);
        if (entry == null) {
            return OptionalInt.empty();
        }
        String expected = "a whole number from " + min + " to " + max;
        Mention value = scalar(key, entry.value(), expected);
        OptionalInt number = number(value.text(), min, max);
        if (number.isEmpty() && !reading.problems().has(value.place())) {
            wrongType(key, entry.value(), expected);
        }
        return number;
    }

    /** {@code true} or {@code false}. */
    Optional<Boolean> optionalBoolean(String key) {
        Entry entry = entries.get(key);
        if (entry == null) {
            return Optional.empty();
        }
        if (!entry.value().getTag().equals(Tag.BOOL)) {
            wrongType(key, entry.value(), "true or false");
            return Optional.empty();
        }
        return Optional.of(
                Boolean.parseBoolean(scalar(key, entry.value(), "true or false").text()));
    }

    /** A duration longer than zero; empty after a problem. */
    Optional<Duration> optionalDuration(String key) {
        Optional<Mention> given = optionalText(key).filter(text -> !text.text().isEmpty());
        Optional<Duration> duration =
                given.flatMap(text -> DurationText.parse(text.text())).filter(each -> !each.isZero());
        if (given.isPresent() && duration.isEmpty()) {
            problemWith(
                    given.get(),
                    key,
                    "expected " + DurationText.EXPECTED + ", found '"
                            + given.get().text() + "'");
        }
        return duration;
    }

    private static OptionalInt number(String text, int min, int max) {
        if (!text.matches("-?[0-9]{1,9}")) {
            return OptionalInt.empty();
        }
        int number = Integer.parseInt(text);
        return number >= min && number <= max ? OptionalInt.of(number) : OptionalInt.empty();
    }

    /** One text or a list of texts; nothing when the key is absent, a problem when the list is empty. */
    List<Mention> texts(String key) {
        Entry entry = entries.get(key);
        if (entry == null) {
            return List.of();
        }
        if (!(entry.value() instanceof SequenceNode sequence)) {
            return List.of(notEmpty(key, scalar(key, entry.value(), "text or a list of texts")));
        }
        if (sequence.getValue().isEmpty()) {
            wrongType(key, sequence, "at least one entry, or no such key");
        }
        List<Mention> texts = new ArrayList<>();
        sequence.getValue().forEach(element -> texts.add(notEmpty(key, scalar(key, element, "text"))));
        return texts;
    }

    /** An element of a list: a text, or a mapping. */
    record Element(Mention text, Optional<Section> mapping) {}

    /** One element or a list of them; nothing when the key is absent, a problem when the list is empty. */
    List<Element> elements(String key) {
        Entry entry = entries.get(key);
        if (entry == null) {
            return List.of();
        }
        if (!(entry.value() instanceof SequenceNode sequence)) {
            return List.of(element(key, entry.value()));
        }
        if (sequence.getValue().isEmpty()) {
            wrongType(key, sequence, "at least one entry, or no such key");
        }
        return sequence.getValue().stream()
                .map(element -> element(key, element))
                .toList();
    }

    private Element element(String key, Node value) {
        if (value instanceof MappingNode) {
            Mention at = new Mention(key, reading.place(value));
            return new Element(at, Optional.of(of(reading, at, pathOf(key), value)));
        }
        return new Element(notEmpty(key, scalar(key, value, "text or a mapping")), Optional.empty());
    }

    /** A text, a number or a boolean, as YAML tells them apart; empty after a problem. */
    Optional<JsonNode> constant(String key) {
        Entry entry = entries.get(key);
        if (entry == null) {
            return Optional.empty();
        }
        Mention value = scalar(key, entry.value(), CONSTANT);
        if (reading.problems().has(value.place())) {
            return Optional.empty();
        }
        Tag tag = entry.value().getTag();
        boolean number = tag.equals(Tag.INT) || tag.equals(Tag.FLOAT);
        if (value.text().indexOf('\0') >= 0
                || (number && !NUMBER.matcher(value.text()).matches())) {
            wrongType(key, entry.value(), CONSTANT);
            return Optional.empty();
        }
        if (tag.equals(Tag.BOOL)) {
            return Optional.of(BooleanNode.valueOf(Boolean.parseBoolean(value.text())));
        }
        return Optional.of(number ? DecimalNode.valueOf(new BigDecimal(value.text())) : TextNode.valueOf(value.text()));
    }

    /** The whole section as JSON, to be handed on to somebody who knows what it means. */
    ObjectNode json() {
        ObjectNode json = Json.object();
        entries.values().forEach(entry -> json.set(entry.key().text(), json(entry.value())));
        return json;
    }

    private JsonNode json(Node value) {
        if (value instanceof SequenceNode sequence) {
            ArrayNode array = Json.array();
            sequence.getValue().forEach(element -> array.add(json(element)));
            return array;
        }
        if (!(value instanceof ScalarNode scalar)) {
            return of(reading, name, path, value).json();
        }
        if (Reading.isNothing(scalar)) {
            return NullNode.getInstance();
        }
        String text = reading.mention(scalar).text();
        if (scalar.getTag().equals(Tag.BOOL)) {
            return BooleanNode.valueOf(Boolean.parseBoolean(text));
        }
        boolean number = scalar.getTag().equals(Tag.INT) || scalar.getTag().equals(Tag.FLOAT);
        return number && JSON_NUMBER.matcher(text).matches() ? Json.parse(text) : TextNode.valueOf(text);
    }

    /** A nested mapping; empty when the key is absent. */
    Optional<Section> section(String key) {
        Entry entry = entries.get(key);
        return entry == null ? Optional.empty() : Optional.of(child(entry));
    }

    /** A nested mapping; empty when the value is anything else, which is no problem. */
    Optional<Section> mapping(String key) {
        Entry entry = entries.get(key);
        return entry != null && entry.value() instanceof MappingNode ? Optional.of(child(entry)) : Optional.empty();
    }

    /** A nested mapping that must be there; without keys after a problem. */
    Section requiredSection(String key) {
        return section(key).orElseGet(() -> {
            requirePresent(key);
            Section empty = new Section(reading, new Mention(key, place()), pathOf(key));
            empty.missing = true;
            return empty;
        });
    }

    /** Every entry as a nested mapping, for keys that are names given by the user. */
    List<Section> sections() {
        return entries.values().stream().map(this::child).toList();
    }

    void requirePresent(String key) {
        if (!has(key) && !missing) {
            reading.problems().add(place(), "missing key '" + key + "' in " + where());
        }
    }

    private Section child(Entry entry) {
        return of(reading, entry.key(), pathOf(entry.key().text()), entry.value());
    }

    /** A scalar's text; empty after a problem. */
    private Mention scalar(String key, Node value, String expected) {
        if (value instanceof ScalarNode scalar && !Reading.isNothing(scalar)) {
            return reading.mention(scalar);
        }
        wrongType(key, value, expected);
        return new Mention("", reading.place(value));
    }

    private Mention notEmpty(String key, Mention value) {
        if (value.text().isEmpty() && !reading.problems().has(value.place())) {
            problemWith(value, key, "may not be empty");
        }
        return value;
    }

    private void wrongType(String key, Node value, String expected) {
        reading.problems()
                .add(reading.place(value), pathOf(key) + ": expected " + expected + ", found " + Reading.found(value));
    }
}
