package io.tidemark.reconciliation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Json;
import io.tidemark.model.RowKey;
import java.util.List;

/**
 * What became of the documents that had drifted. Every one of them was looked at again after it was written: mended are
 * those that equalled the source then.
 *
 * @param mended written, and right
 * @param rightAgain not written: what came meanwhile made them right
 * @param parked left as they are, since their store refuses what they should be
 * @param left those that could not be mended; the first of them
 * @param leftCount all of those
 */
public record Repair(long mended, long rightAgain, long parked, List<Left> left, long leftCount) {

    /**
     * A document that is as it was.
     *
     * @param reason for people
     */
    public record Left(String collection, RowKey key, String reason) {}

    public Repair {
        left = List.copyOf(left);
    }

    /** Whether nothing of what had drifted is left to be done. */
    public boolean complete() {
        return leftCount == 0 && parked == 0;
    }

    public ObjectNode toJson() {
        ObjectNode json = Json.object();
        json.put("mended", mended);
        json.put("right_again", rightAgain);
        json.put("parked", parked);
        json.put("left_count", leftCount);
        var array = json.putArray("left");
        left.forEach(each -> {
            ObjectNode one = array.addObject();
            one.put("collection", each.collection());
            one.set("key", each.key().values());
            one.put("reason", each.reason());
        });
        return json;
    }

    /** The repair in one line. */
    public String text() {
        String line = mended + " mended";
        if (rightAgain > 0) {
            line += ", " + rightAgain + " right again by themselves";
        }
        if (parked > 0) {
            line += ", " + parked + " parked";
        }
        return leftCount > 0 ? line + ", " + leftCount + " left as they are" : line;
    }
}
