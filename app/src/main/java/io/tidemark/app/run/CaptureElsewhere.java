package io.tidemark.app.run;

import io.tidemark.capture.CapturedState;
import io.tidemark.model.Cut;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.TableId;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.definition.DocumentModel;
import io.tidemark.model.definition.MirrorModel;
import io.tidemark.model.definition.ReadModel;
import io.tidemark.projections.TidemarkFollower;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/** What another process captures, waited for until read models can be made of it. */
final class CaptureElsewhere {

    private static final Duration FIRST_TIDEMARK_TIMEOUT = Duration.ofSeconds(30);
    private static final long LOOK_EVERY_MS = 500;

    private final Plan plan;
    private final Consumer<String> waits;
    private String said = "";

    /** @param waits told what is waited for, each thing once */
    CaptureElsewhere(Plan plan, Consumer<String> waits) {
        this.plan = plan;
        this.waits = waits;
    }

    /**
     * Waits until something was captured under the prefix and its first tidemark was published.
     *
     * @return the capture's lineage
     */
    String awaitFirstTidemark() throws InterruptedException {
        Optional<CapturedState> captured = captured();
        while (captured.isEmpty() || captured.get().tidemark().equals(TidemarkRef.NONE)) {
            say(
                    captured.isEmpty()
                            ? "waiting for the first capture under prefix '"
                                    + plan.topics().prefix() + "': 'tidemark capture' or 'tidemark run' begins it"
                            : "waiting until the first snapshot is whole");
            pause();
            captured = captured();
        }
        return captured.get().lineage();
    }

    private Optional<CapturedState> captured() {
        return CapturedState.read(plan.kafkaClient(), plan.topics());
    }

    /**
     * Waits for a tidemark that covers every table of the models: one of which rows are being read is in none yet.
     *
     * @throws TidemarkException CONFIGURATION when topics have another number of partitions than the file says
     */
    void awaitTables(Collection<ReadModel> models, TidemarkFollower tidemarks) throws InterruptedException {
        tidemarks.awaitFirst(FIRST_TIDEMARK_TIMEOUT);
        SortedMap<String, TableId> wanted = new TreeMap<>();
        models.forEach(
                model -> tables(model).forEach(table -> wanted.put(plan.topics().changes(table), table)));
        Map<String, List<Long>> covered = covered(tidemarks);
        while (!covered.keySet().containsAll(wanted.keySet())) {
            SortedMap<String, TableId> missing = new TreeMap<>(wanted);
            missing.keySet().removeAll(covered.keySet());
            say("waiting for a tidemark that covers " + missing.values()
                    + ": they are being read, or capture was started without them");
            pause();
            covered = covered(tidemarks);
        }
        requirePartitions(wanted.firstKey(), covered);
        if (models.stream().anyMatch(MirrorModel.class::isInstance)) {
            awaitDescriptions(tidemarks);
        }
    }

    /** A capture of an earlier build publishes descriptions of tables, and does not say which of them a tidemark covers. */
    private void awaitDescriptions(TidemarkFollower tidemarks) throws InterruptedException {
        while (!covered(tidemarks).containsKey(plan.topics().relations())) {
            say(
                    "waiting for a tidemark that says how tables are described, which a mirror needs to follow ALTER TABLE:"
                            + " capture is of an earlier build. Stop it and start 'tidemark capture' or 'tidemark run' of this one");
            pause();
        }
    }

    private static Collection<TableId> tables(ReadModel model) {
        return model instanceof MirrorModel mirror ? mirror.tables() : ((DocumentModel) model).tables();
    }

    private static Map<String, List<Long>> covered(TidemarkFollower tidemarks) {
        return tidemarks.newestWhere(any -> true).map(Cut::offsets).orElse(Map.of());
    }

    private void requirePartitions(String topic, Map<String, List<Long>> covered) {
        int found = covered.getOrDefault(topic, List.of()).size();
        int expected = plan.config().kafka().partitions();
        if (found != expected) {
            throw new TidemarkException(
                    ErrorCode.CONFIGURATION,
                    "Topic " + topic + " has " + found + " partitions, the configuration says " + expected
                            + ". Set kafka.partitions to " + found);
        }
    }

    private void say(String text) {
        if (!text.equals(said)) {
            waits.accept(text);
        }
        said = text;
    }

    private static void pause() throws InterruptedException {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(LOOK_EVERY_MS));
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
    }
}
