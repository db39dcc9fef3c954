package io.tidemark.connect.sink;

import io.tidemark.model.TidemarkRef;
import io.tidemark.model.store.Document;

/** What a record asks of a store. */
sealed interface Meaning {

    /** Write or delete it. */
    record Write(Document document) implements Meaning {}

    /** Everything before it in its partition is what the source was at this tidemark. */
    record Marker(TidemarkRef tidemark) implements Meaning {}

    /** It is no document that could be written. */
    record Malformed(String why) implements Meaning {}

    /** It deletes every row that came before it, and the store cannot do that. */
    record Truncate() implements Meaning {}

    /** Nothing is asked. */
    record Nothing() implements Meaning {}
}
