package io.tidemark.app.monitor;

import io.tidemark.model.TidemarkRef;
import io.tidemark.projections.AssemblerStatus;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The assembler of one model. That it moves is seen by what Kafka Streams counts, and by what reaches the model's writers:
 * all of it comes from the documents topic. A writer whose store takes nothing, or
 * that other processes left nothing to write, says nothing of the assembler.
 */
final class AssemblerWatch {

    private final String model;
    private final Supplier<AssemblerStatus> assembler;
    private final List<WatchedWriter> writers;
    private final Rising processed = new Rising();
    private final Rising emitted = new Rising();
    private volatile boolean running;

    /** A count that starts anew now and then, made one that never goes back. */
    private static final class Rising {

        private long last;
        private volatile long total;

        synchronized void now(long count) {
            total = total + (count >= last ? count - last : 0);
            last = count;
        }

        long total() {
            return total;
        }
    }

    AssemblerWatch(String model, Supplier<AssemblerStatus> assembler, List<WatchedWriter> writers) {
        this.model = model;
        this.assembler = assembler;
        this.writers = List.copyOf(writers);
    }

    /**
     * Looks at it.
     *
     * @param newest tidemark that is published
     */
    Sample sample(Optional<TidemarkRef> newest) {
        AssemblerStatus now = assembler.get();
        processed.now(now.processed());
        emitted.now(now.emitted());
        running = now.isRunning();
        long progress = now.processed()
                + now.restored()
                + writers.stream().mapToLong(WatchedWriter::asked).sum();
        Optional<TidemarkRef> assembled = assembled();
        boolean behind =
                newest.isPresent() && (assembled.isEmpty() || newest.get().compareTo(assembled.get()) > 0);
        boolean known = !writers.stream().allMatch(writer -> writer.owes() || writer.ownsNone());
        return new Sample("assembler of " + model, progress, behind && known, waitsFor(now, assembled, newest));
    }

    private static String waitsFor(AssemblerStatus now, Optional<TidemarkRef> assembled, Optional<TidemarkRef> newest) {
        return "its documents as of tidemark "
                + newest.map(TidemarkRef::toString).orElse("none")
                + ": it has assembled "
                + assembled.map(each -> "up to " + each).orElse("none that is whole")
                + ", and Kafka Streams is " + now.state();
    }

    /** How far the documents topic is, as far as one of the writers has read it. */
    Optional<TidemarkRef> assembled() {
        return writers.stream().flatMap(writer -> writer.claimed().stream()).max(Comparator.naturalOrder());
    }

    /** Records processed, as of the last look. */
    long processed() {
        return processed.total();
    }

    /** Records sent to the documents topic, as of the last look. */
    long emitted() {
        return emitted.total();
    }

    /** Whether it was running at the last look. */
    boolean isRunning() {
        return running;
    }
}
