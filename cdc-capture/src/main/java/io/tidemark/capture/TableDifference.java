package io.tidemark.capture;

import io.tidemark.model.TableId;

/**
 * How a topic differs from its table.
 *
 * @param rows of the table
 * @param missing of these the topic has nothing
 * @param different the topic has these, with other values
 * @param extra rows that the topic has and the table has not
 */
public record TableDifference(TableId table, long rows, long missing, long different, long extra) {

    /** How many are to be written or deleted. */
    public long all() {
        return missing + different + extra;
    }
}
