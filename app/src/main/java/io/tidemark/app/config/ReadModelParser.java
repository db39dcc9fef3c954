package io.tidemark.app.config;

import io.tidemark.app.config.ReadModelConfig.DocumentConfig;
import io.tidemark.app.config.ReadModelConfig.ListConfig;
import io.tidemark.app.config.ReadModelConfig.MirrorConfig;
import io.tidemark.app.config.ReadModelConfig.NodeConfig;
import io.tidemark.app.config.ReadModelConfig.RelatedConfig;
import io.tidemark.model.definition.StoredForm;
import io.tidemark.projections.DocumentLimit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Parses {@code read-models}. */
final class ReadModelParser {

    private static final String HISTORY = "history";
    private static final String MAX_BYTES = "max-document-bytes";
    private static final List<String> DOCUMENT_KEYS = List.of(
            "document", "key", "fields", "constants", "one", "many", "where", "to", "max-parked", MAX_BYTES, HISTORY);
    private static final List<String> MIRROR_KEYS = List.of("mirror", HISTORY, "to");
    private static final List<String> ONE_KEYS = List.of("table", "by", "fields", "constants", "one", "many", "where");
    private static final List<String> MANY_KEYS =
            Stream.of(ONE_KEYS, ListParser.KEYS).flatMap(List::stream).toList();

    private final TargetParser targets;
    private final Map<String, StoredForm> forms;

    /**
     * Parses read models of a source.
     *
     * @param forms by model, where stores hold something else than the document as it is assembled
     */
    ReadModelParser(SourceConfig source, Map<String, StoreConfig> stores, Map<String, StoredForm> forms) {
        this.targets = new TargetParser(source, stores);
        this.forms = forms;
    }

    List<ReadModelConfig> parse(Section readModels) {
        return readModels.sections().stream().map(this::model).toList();
    }

    private ReadModelConfig model(Section section) {
        Names.checkGiven(section);
        String name = section.name().text();
        if (section.has("mirror") && !section.has("document")) {
            section.allowOnly(MIRROR_KEYS);
            boolean history = section.optionalBoolean(HISTORY).orElse(false);
            return new MirrorConfig(name, Tables.patterns(section, "mirror"), history, targets.parse(section, true));
        }
        if (section.has("document") && !section.has("mirror")) {
            section.allowOnly(DOCUMENT_KEYS);
            refuseHistory(section);
        } else {
            section.problem(
                    section.place(),
                    "expected exactly one of document and mirror, found "
                            + (section.has("document") ? "both" : "none"));
        }
        Mention table = section.has("document") ? table(section, "document") : section.name();
        return new DocumentConfig(
                name,
                node(section, table, true, ""),
                distinct(section, "key"),
                targets.parse(section, false),
                section.optionalInt("max-parked", 0, 100_000).orElse(DocumentConfig.MAX_PARKED),
                section.optionalInt(MAX_BYTES, 1_000, DocumentLimit.MOST_BYTES)
                        .orElse(DocumentLimit.DEFAULT.maxBytes()),
                forms.getOrDefault(name, StoredForm.AS_ASSEMBLED));
    }

    private static void refuseHistory(Section document) {
        document.keys().stream()
                .filter(key -> key.text().equals(HISTORY))
                .forEach(key -> document.problem(
                        key.place(), "'history' is kept of mirrors only: remove it, or mirror the tables"));
    }

    private NodeConfig node(Section section, Mention table, boolean allFields, String lifted) {
        return new NodeConfig(
                table,
                FieldsParser.fields(section),
                allFields,
                FieldsParser.constants(section),
                related(section, "one", lifted),
                related(section, "many", ""),
                section.optionalText("where").orElse(null));
    }

    private List<RelatedConfig> related(Section holder, String key, String lifted) {
        List<RelatedConfig> related = new ArrayList<>();
        holder.section(key).ifPresent(entries -> entries.sections()
                .forEach(entry ->
                        related.add(entry(entry, key, entry.name().text().equals(lifted)))));
        return related;
    }

    private RelatedConfig entry(Section section, String key, boolean lifted) {
        section.allowOnly(key.equals("one") ? ONE_KEYS : MANY_KEYS);
        if (Names.isReserved(section.name().text())) {
            section.problem(section.place(), "names that begin with _tidemark are Tidemark's own");
        }
        ListConfig list = ListParser.parse(section);
        String flatten = key.equals("many") ? ListParser.flatten(section) : "";
        return new RelatedConfig(
                section.name(),
                distinct(section, "by"),
                lifted,
                list,
                node(section, table(section, "table"), list.listed() && flatten.isEmpty(), flatten));
    }

    private static Mention table(Section section, String key) {
        Mention table = section.text(key);
        if (!table.text().isEmpty() && !TablePattern.isValid(table.text())) {
            section.problemWith(
                    table, key, "'" + table.text() + "' is not of the form schema.table, such as public.orders");
        }
        return table;
    }

    private static List<Mention> distinct(Section section, String key) {
        List<Mention> names = section.texts(key);
        List<String> seen = new ArrayList<>();
        for (Mention name : names) {
            if (seen.contains(name.text())) {
                section.problemWith(name, key, "'" + name.text() + "' is listed twice");
            }
            seen.add(name.text());
        }
        return names;
    }
}
