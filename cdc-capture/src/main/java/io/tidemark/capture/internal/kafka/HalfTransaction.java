package io.tidemark.capture.internal.kafka;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Json;
import io.tidemark.model.Lsn;
import io.tidemark.model.Tidemark;
import java.util.List;
import java.util.Map;

/**
 * How much of a transaction too large for one Kafka transaction is durable, past the newest tidemark.
 *
 * @param commitLsn start of its commit record, which no other transaction has
 * @param changes those with an order below this are durable
 * @param offsets per change topic it touched, by partition, the offset just past its last durable record; 0 for none
 */
public record HalfTransaction(long xid, Lsn commitLsn, int changes, Map<String, List<Long>> offsets) {

    public HalfTransaction {
        offsets = Map.copyOf(offsets);
    }

    public boolean isOf(long otherXid, Lsn otherCommitLsn) {
        return xid == otherXid && commitLsn.equals(otherCommitLsn);
    }

    ObjectNode toJson() {
        ObjectNode json =
                Json.object().put("xid", xid).put("lsn", commitLsn.toString()).put("changes", changes);
        ObjectNode offsetsJson = json.putObject("offsets");
        offsets.forEach((topic, perPartition) -> {
            var array = offsetsJson.putArray(topic);
            perPartition.forEach(array::add);
        });
        return json;
    }

    static HalfTransaction fromJson(JsonNode json) {
        return new HalfTransaction(
                json.required("xid").longValue(),
                Lsn.parse(json.required("lsn").textValue()),
                json.required("changes").intValue(),
                Tidemark.offsetsFromJson(json.required("offsets")));
    }
}
