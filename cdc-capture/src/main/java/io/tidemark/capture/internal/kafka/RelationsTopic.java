package io.tidemark.capture.internal.kafka;

import io.tidemark.capture.CaptureSettings;
import io.tidemark.model.Json;
import io.tidemark.model.Relation;
import io.tidemark.model.TableId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The captured tables as they were described to readers last. */
public final class RelationsTopic {

    private final CaptureSettings settings;

    public RelationsTopic(CaptureSettings settings) {
        this.settings = settings;
    }

    /** The newest description of each table. Final once every other producer is fenced. */
    public Map<TableId, Relation> newest() {
        Map<TableId, Relation> newest = new HashMap<>();
        new CommittedRecords(settings.kafkaClient())
                .forEach(List.of(settings.topics().relations()), record -> {
                    Relation relation = Relation.fromJson(Json.parse(record.value()));
                    newest.put(relation.table(), relation);
                });
        return newest;
    }
}
