package io.tidemark.app.run;

import io.tidemark.model.TableId;
import io.tidemark.model.Topics;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Names Kafka takes for different ones: characters a topic cannot have become {@code _}, and Kafka takes . for _. */
final class TopicNames {

    private final Topics topics;

    /** Who has a name, with every . as _. */
    private final Map<String, String> owners = new LinkedHashMap<>();

    private final List<String> collisions = new ArrayList<>();

    private TopicNames(Topics topics) {
        this.topics = topics;
    }

    /** What to mend where two of these would share a topic; empty when none do. */
    static Optional<String> collision(Topics topics, List<TableId> tables, List<String> models) {
        TopicNames names = new TopicNames(topics);
        tables.forEach(table -> names.add("table " + table, topics.changes(table)));
        for (String model : models) {
            names.add("read model '" + model + "'", topics.documents(model));
            names.add("the parked documents of read model '" + model + "'", topics.parked(model));
        }
        return names.collisions.isEmpty() ? Optional.empty() : Optional.of(names.text());
    }

    private void add(String owner, String topic) {
        String other = owners.putIfAbsent(topic.replace('.', '_'), owner);
        if (other != null) {
            collisions.add(other + " and " + owner + " (" + topic + ")");
        }
    }

    private String text() {
        return "With kafka.prefix '" + topics.prefix() + "' these would have the same topic: "
                + String.join("; ", collisions) + ". Rename one, or leave one out of source.tables";
    }
}
