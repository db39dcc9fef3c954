package io.tidemark.capture.internal.engine;

import io.tidemark.capture.internal.SystemIdentity;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * What is between Debezium's reading thread and the one that takes from its queue, in numbers of events. The engine makes
 * its task from a name, so the two find it by the engine's number.
 */
final class WalQueue {

    /** Of Debezium's configuration: the number. */
    static final String PROPERTY = "tidemark.engine";

    private static final Map<String, WalQueue> OF_ENGINES = new ConcurrentHashMap<>();

    private final LongAdder passed = new LongAdder();
    private final LongAdder taken = new LongAdder();
    private volatile @Nullable SystemIdentity source;

    static WalQueue of(String engine) {
        return OF_ENGINES.computeIfAbsent(engine, each -> new WalQueue());
    }

    static void forget(String engine) {
        OF_ENGINES.remove(engine);
    }

    /** Where the events come from: asked on the very connection that they come over. */
    void comesFrom(SystemIdentity identity) {
        source = identity;
    }

    /** Where the events come from. */
    SystemIdentity source() {
        SystemIdentity known = source;
        if (known == null) {
            throw new IllegalStateException("Nothing is being read yet");
        }
        return known;
    }

    /** An event was put into the queue. */
    void passed() {
        passed.increment();
    }

    void taken(int events) {
        taken.add(events);
    }

    /** Whether there are events beyond those taken. */
    boolean hasMore() {
        return taken.sum() < passed.sum();
    }

    /** Events that wait to be taken, about. */
    long waiting() {
        return Math.max(0, passed.sum() - taken.sum());
    }
}
