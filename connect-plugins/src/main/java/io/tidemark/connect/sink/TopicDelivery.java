package io.tidemark.connect.sink;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.RowKey;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.Version;
import io.tidemark.model.store.AppliedTidemark;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.DocumentWriter;
import io.tidemark.model.store.WriteOutcome;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the records of one topic: documents, then the applied tidemarks of its partitions. When {@link #deliver} returns,
 * all it was given is durable.
 */
final class TopicDelivery implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(TopicDelivery.class);

    /** A document and the record it came in. */
    private record Sent(SinkRecord record, Document document) {}

    private final SourceTopic topic;
    private final SinkSettings settings;
    private final Optional<Brokers> brokers;
    private final DeliverySetup.Writers writers;
    private final RecordReader reader;
    private final Refusals refusals;
    private final Places places = new Places();
    private final Counts counts;
    /** Of the first record that was written. */
    private @Nullable Fence fence;

    private @Nullable DocumentWriter writer;
    private boolean open;
    private boolean begun;
    private boolean wasAway;
    /** What is to be read again, and was not yet. */
    private Set<TopicPartition> sought = Set.of();
    /** The offset behind the newest record of each partition that was delivered since it was begun. */
    private final Map<TopicPartition, Long> next = new HashMap<>();

    TopicDelivery(
            SourceTopic topic,
            SinkSettings settings,
            Optional<Brokers> brokers,
            DeliverySetup.Writers writers,
            RecordReader reader,
            Refusals refusals,
            Counts counts) {
        this.topic = topic;
        this.settings = settings;
        this.brokers = brokers;
        this.writers = writers;
        this.reader = reader;
        this.refusals = refusals;
        this.counts = counts;
    }

    /** Partitions came or went: what is ours now is begun anew. */
    void assigned() {
        begun = false;
    }

    /** They are known to be ours as of now; after an absence, only once they are begun anew. */
    void confirmed() {
        if (!wasAway) {
            rejoin();
        }
    }

    private void rejoin() {
        if (writer != null && open) {
            writer.rejoin();
        }
    }

    /** Maybe they are another's: what is ours is read again from where the group is, and so is what we hold. */
    void away() {
        begun = false;
        wasAway = true;
    }

    /**
     * Makes ready to write; to be called before {@link #deliver} until it says that nothing is to be read again.
     *
     * @param records that are to be delivered
     * @return where to read on from, what was read before counts for nothing; empty to go on
     */
    Map<TopicPartition, Long> begin(Set<TopicPartition> assigned, List<SinkRecord> records) {
        boolean back = begun && goesBack(records);
        if (begun && !back) {
            // A consumer goes on at its offset in a topic made anew, if it has as many records: nobody tells it.
            requireSameTopic();
            return Map.of();
        }
        if (back) {
            topic.outdated();
        }
        begun = false;
        next.clear();
        requireSameTopic();
        Map<TopicPartition, Long> again = again(assigned, records);
        if (!again.isEmpty()) {
            // From where the group is nothing is written that a successor may have deleted long ago.
            rejoin();
        }
        begun = true;
        wasAway = false;
        sought = again.keySet();
        return again;
    }

    private void requireSameTopic() {
        topic.requireSame(settings.input() == Input.DOCUMENTS || fence != Fence.POSITION);
    }

    private Map<TopicPartition, Long> again(Set<TopicPartition> assigned, List<SinkRecord> records) {
        if (settings.input() == Input.DOCUMENTS) {
            beginPlaces(assigned);
            return places.offsets();
        }
        return wasAway ? placesOfGroup(assigned, records) : Map.of();
    }

    /**
     * Whoever owned the partitions meanwhile wrote what is before, and remembers of its deletes those that are not. Of one
     * that the group has no place in, nobody wrote anything for longer than a flush interval.
     */
    private Map<TopicPartition, Long> placesOfGroup(Set<TopicPartition> assigned, List<SinkRecord> records) {
        Map<TopicPartition, Long> offsets = new HashMap<>();
        records.forEach(record -> offsets.merge(Refusals.partition(record), record.originalKafkaOffset(), Math::min));
        brokers.orElseThrow()
                .committed(settings.group(), assigned)
                .forEach((partition, place) -> offsets.put(partition, place.offset()));
        return offsets;
    }

    /** An offset that nobody sought begins again where the consumer found its own gone, as in a topic made anew. */
    private boolean goesBack(List<SinkRecord> records) {
        return records.stream()
                .anyMatch(record -> record.originalKafkaOffset() < next.getOrDefault(Refusals.partition(record), 0L));
    }

    /** An open writer: one is made when there is something to write for the first time. */
    private DocumentWriter writer(Fence of) {
        if (writer == null) {
            writer = writers.of(of);
            fence = of;
        }
        if (!open) {
            open(writer);
            open = true;
        }
        return writer;
    }

    /** What is another topic's, or another read model's, does not become ours by trying again. */
    private void open(DocumentWriter closed) {
        try {
            closed.open();
        } catch (TidemarkException e) {
            if (e.code() != ErrorCode.DATA_LOSS) {
                throw e;
            }
            throw new ConnectException(e.getMessage() + ". " + topic.madeAnew(), e);
        }
    }

    private void beginPlaces(Set<TopicPartition> assigned) {
        Brokers kafka = brokers.orElseThrow();
        DocumentWriter ready = writer(Fence.POSITION);
        Map<TopicPartition, OffsetAndMetadata> committed = kafka.committed(settings.group(), assigned);
        List<TopicPartition> unfilled = places.begin(assigned, committed, ready.claims());
        if (!unfilled.isEmpty()) {
            LOG.info("{}: {} are filled from their beginning", settings.connector(), unfilled);
            Map<TopicPartition, Long> ends = kafka.behindLastRecords(unfilled);
            ready.forget(unfilled.stream().map(TopicPartition::partition).collect(Collectors.toSet()));
            places.fill(kafka.beginnings(unfilled), ends);
        }
    }

    /**
     * Writes records in their order.
     *
     * @throws RetriableException when the store cannot take them now: the same are to be given again
     * @throws ConnectException when a record is refused and none may be passed over
     * @throws TidemarkException as {@link DocumentWriter#write}
     */
    void deliver(List<SinkRecord> records) {
        Map<TopicPartition, Long> read = new HashMap<>();
        List<Sent> asked = new ArrayList<>();
        for (SinkRecord record : records) {
            Meaning meaning = reader.read(record);
            if (meaning instanceof Meaning.Truncate) {
                truncate(record, asked);
            }
            written(record, meaning).ifPresent(asked::add);
            read.put(Refusals.partition(record), record.originalKafkaOffset() + 1);
        }
        List<AppliedTidemark> claims = places.claims(read);
        writeAll(asked, claims);
        places.written(read);
        next.putAll(read);
        sought = Set.of();
        claims.forEach(counts::applied);
    }

    private void writeAll(List<Sent> asked, List<AppliedTidemark> claims) {
        List<Sent> batch = fencedAlike(asked);
        int from = 0;
        for (; batch.size() - from > settings.batchSize(); from += settings.batchSize()) {
            write(batch.subList(from, from + settings.batchSize()), List.of());
        }
        write(batch.subList(from, batch.size()), claims);
    }

    /** What is to be written of a record; the rest of what it asks is done. */
    private Optional<Sent> written(SinkRecord record, Meaning meaning) {
        if (meaning instanceof Meaning.Write write) {
            counts.fenced(Fence.of(record) == Fence.POSITION);
            return Optional.of(new Sent(record, write.document()));
        }
        if (meaning instanceof Meaning.Marker marker) {
            places.marked(Refusals.partition(record), marker.tidemark(), record.originalKafkaOffset());
        } else if (meaning instanceof Meaning.Malformed malformed) {
            refusals.refuse(record, malformed.why());
        }
        return Optional.empty();
    }

    /** A position and an offset cannot be compared: the first record that is written decides. */
    private List<Sent> fencedAlike(List<Sent> batch) {
        if (batch.isEmpty()) {
            return batch;
        }
        Fence of = fence == null ? Fence.of(batch.get(0).record()) : fence;
        List<Sent> alike = new ArrayList<>();
        for (Sent sent : batch) {
            if (Fence.of(sent.record()) == of) {
                alike.add(sent);
            } else {
                refusals.refuse(
                        sent.record(),
                        "It is fenced by " + Fence.of(sent.record()) + ", others of its topic by " + of
                                + ", and the two cannot be compared");
            }
        }
        return alike;
    }

    /** @param before that are to be written first, so that whoever takes over finds the target as it was then */
    private void truncate(SinkRecord record, List<Sent> before) {
        String what = "The record at offset " + record.originalKafkaOffset() + " of " + Refusals.partition(record)
                + " is a TRUNCATE, which this sink cannot apply";
        if (settings.onTruncate() == Unwanted.FAIL) {
            writeAll(before, List.of());
            throw new ConnectException(
                    what + "; what its partition has before it is written. The SQL sink applies those of"
                            + " Tidemark's change topics. To go on with this one: stop the connector, empty its target or give it a"
                            + " new one, reset its offsets, set " + SinkKeys.ON_TRUNCATE
                            + "=ignore, and resume it. Rows that were"
                            + " truncated come back as far as the topic still has them: delete those by hand");
        }
        LOG.warn(what);
    }

    /** What the store refuses leaves the batch; the rest is written again with the claims, which were not saved then. */
    private void write(List<Sent> batch, List<AppliedTidemark> claims) {
        List<Sent> left = batch;
        boolean done = false;
        while (!done && !(left.isEmpty() && claims.isEmpty())) {
            List<WriteOutcome> outcomes =
                    writer(left).write(left.stream().map(Sent::document).toList(), claims);
            List<Sent> accepted = withoutRefused(left, outcomes);
            done = accepted.size() == left.size();
            if (done) {
                requireTaken(outcomes);
                outcomes.forEach(counts::outcome);
            }
            left = accepted;
        }
    }

    private DocumentWriter writer(List<Sent> batch) {
        return writer(batch.isEmpty() ? Fence.POSITION : Fence.of(batch.get(0).record()));
    }

    private void requireTaken(List<WriteOutcome> outcomes) {
        for (WriteOutcome outcome : outcomes) {
            if (outcome instanceof WriteOutcome.Retriable retriable) {
                throw new RetriableException(topic.name() + ": " + retriable.cause());
            }
        }
    }

    /**
     * Of a key only the newest version was tried, and the others shared its fate: it goes alone, and they are tried. So are
     * deletes before a version that is refused.
     */
    private List<Sent> withoutRefused(List<Sent> batch, List<WriteOutcome> outcomes) {
        Map<RowKey, Integer> newest = newestRejected(batch, outcomes);
        List<Sent> left = new ArrayList<>();
        for (int i = 0; i < outcomes.size(); i++) {
            Sent sent = batch.get(i);
            boolean refused = newest.getOrDefault(sent.document().key(), -1) == i;
            if (refused && outcomes.get(i) instanceof WriteOutcome.Rejected rejected) {
                refusals.refuse(sent.record(), rejected.reason());
            } else {
                left.add(sent);
                note(sent, outcomes.get(i));
            }
        }
        return left;
    }

    /** Of equal versions the later in the batch. */
    private static Map<RowKey, Integer> newestRejected(List<Sent> batch, List<WriteOutcome> outcomes) {
        Map<RowKey, Integer> newest = new HashMap<>();
        for (int i = 0; i < outcomes.size(); i++) {
            if (outcomes.get(i) instanceof WriteOutcome.Rejected) {
                newest.merge(
                        batch.get(i).document().key(),
                        i,
                        (before, now) -> version(batch, now).compareTo(version(batch, before)) >= 0 ? now : before);
            }
        }
        return newest;
    }

    private static Version version(List<Sent> batch, int place) {
        return batch.get(place).document().version();
    }

    private void note(Sent sent, WriteOutcome outcome) {
        if (outcome instanceof WriteOutcome.ChangedElsewhere changed) {
            LOG.warn(
                    "{}: {} was changed by somebody else (it says position {}); reconcile to see and mend it",
                    topic.name(),
                    sent.document().key(),
                    changed.storedPosition());
        }
    }

    /**
     * What the group is to keep of a documents topic, of what was delivered: nothing of partitions that came back and were
     * not begun yet, which others may have taken further meanwhile.
     */
    Map<TopicPartition, OffsetAndMetadata> durable(Map<TopicPartition, OffsetAndMetadata> delivered) {
        return begun ? places.kept(delivered.keySet()) : Map.of();
    }

    /** Partitions of which the worker takes something for delivered that is to be read again. */
    Set<TopicPartition> soughtAgain() {
        return sought;
    }

    /** The store lost something: it is opened, and looked at, anew. */
    void lost(TidemarkException why) {
        if (settings.input() != Input.DOCUMENTS) {
            throw new ConnectException(
                    why.getMessage() + ". Stop the connector, reset its offsets and resume it to fill the target again"
                            + " from what the topic still has",
                    why);
        }
        LOG.warn("{}: {}", topic.name(), why.getMessage());
        open = false;
        begun = false;
    }

    @Override
    public void close() {
        if (writer != null) {
            writer.close();
        }
    }
}
