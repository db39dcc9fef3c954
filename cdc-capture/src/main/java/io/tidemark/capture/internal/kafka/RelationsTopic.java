package io.tidemark.capture.internal.kafka;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.capture.CaptureSettings;
import io.tidemark.model.Json;
import io.tidemark.model.Relation;
import io.tidemark.model.TableId;
import java.util.HashMap;
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
        new CommittedRecords(settings.kafkaClient()).forEach(settings.topics().relations(), record -> {
            JsonNode json = Json.parse(record.value());
            // Not every record is a table's: see ChangeProducer#sendNote.
            if (json.has("table")) {
                Relation relation = Relation.fromJson(json);
                newest.put(relation.table(), relation);
            }
        });
        return newest;
    }
}
