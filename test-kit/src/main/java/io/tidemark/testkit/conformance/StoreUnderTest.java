package io.tidemark.testkit.conformance;

import io.tidemark.model.store.Document;
import io.tidemark.model.store.DocumentMender;
import io.tidemark.model.store.DocumentReader;
import io.tidemark.model.store.DocumentWriter;
import io.tidemark.model.store.Generation;
import java.util.Map;

/**
 * A store with nothing in it, for one case, and what can befall it. Documents have the key <code>{"id": 17}</code> and
 * the body <code>{"id": 17, "v": "text"}</code>.
 *
 * <p>Faults are undone by {@link #close()}, so that the server can be used by the next case.
 */
public interface StoreUnderTest extends AutoCloseable {

    /** The generation of this case; no other case has used its name. */
    Generation generation();

    /** What documents belong to; see {@link Document#collection()}. */
    String collection();

    /** A writer that is not open yet. Whatever it says to the server can be hurt by the faults below. */
    DocumentWriter writer(Generation generation, int partitions);

    /** A reader past all faults but those of the server itself. */
    DocumentReader reader(Generation generation);

    /** A mender past all faults but those of the server itself. */
    DocumentMender mender(Generation generation);

    /** Sees to it that the store refuses one document, and that one only, and gives that document. */
    Document poison(long id, long position);

    /** How this store differs from the others, and why. */
    Map<Difference, String> differences();

    /** The nth answer from now on, counted from 1, is lost and the connection with it, after the server sent it. */
    void loseAnswer(int nth);

    /** Whether it came to that. */
    boolean answerWasLost();

    /** From now on nothing passes between writers and server, until {@link #release()}. */
    void hold();

    void release();

    /** Ends the server at once, as a loss of power does. */
    void kill();

    /** Starts the killed server again, with what it had made durable. */
    void restart();

    /** The server takes no writes any more, or does again. */
    void readOnly(boolean on);

    /** The server has no room left, or has again. */
    void full(boolean on);

    /** Somebody deletes everything the store holds, Tidemark's bookkeeping included, while the server runs on. */
    void empty();

    /** Makes a copy of everything the store holds, Tidemark's bookkeeping included, as of now. */
    void backUp();

    /** Puts the copy in the place of what the store holds. Connections may break; the server runs afterwards. */
    void setBack();

    /** Writers and stores of later calls remember deletes only as long as {@link #outlastGrace} takes. */
    void shortenGrace();

    /** Returns when the store has forgotten the deletes made so far. */
    void outlastGrace();

    @Override
    void close();
}
