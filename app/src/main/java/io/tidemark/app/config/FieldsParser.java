package io.tidemark.app.config;

import io.tidemark.app.config.ReadModelConfig.FieldConfig;
import io.tidemark.app.config.Section.Element;
import io.tidemark.model.definition.Constant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Parses what a table contributes to its object by itself: {@code fields} and {@code constants}. */
final class FieldsParser {

    private static final String FIELDS = "fields";
    private static final String CONSTANTS = "constants";

    private FieldsParser() {}

    /** Columns, under their own names or as {@code name: column}. */
    static List<FieldConfig> fields(Section node) {
        List<FieldConfig> fields = new ArrayList<>();
        for (Element element : node.elements(FIELDS)) {
            element.mapping()
                    .ifPresentOrElse(
                            renamed -> renamed.keys()
                                    .forEach(name -> fields.add(new FieldConfig(name, renamed.text(name.text())))),
                            () -> fields.add(new FieldConfig(element.text(), element.text())));
        }
        Set<String> seen = new HashSet<>();
        for (FieldConfig field : fields) {
            if (!seen.add(field.name().text())) {
                node.problemWith(field.name(), FIELDS, "'" + field.name().text() + "' is listed twice");
            }
        }
        return fields;
    }

    /** Values by name. */
    static List<ReadModelConfig.ConstantConfig> constants(Section node) {
        List<ReadModelConfig.ConstantConfig> constants = new ArrayList<>();
        node.section(CONSTANTS).ifPresent(values -> values.keys().forEach(name -> values.constant(name.text())
                .ifPresent(value ->
                        constants.add(new ReadModelConfig.ConstantConfig(name, new Constant(name.text(), value))))));
        return constants;
    }
}
