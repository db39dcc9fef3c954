package io.tidemark.capture.internal.kafka;

import io.tidemark.capture.CaptureProof;
import io.tidemark.capture.CaptureSettings;
import io.tidemark.model.Cut;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.Lsn;
import io.tidemark.model.Tidemark;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.Version;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/** Reads the proof of a capture out of its topics. */
public final class ProofReader {

    private static final int FAULTS_KEPT = 20;

    private final CaptureSettings settings;
    private final CommittedRecords records;
    private final Map<Long, Tally> tallies = new HashMap<>();

    /** Cuts by number: the first tidemark that covers a position is the lowest at or above it. */
    private final NavigableMap<Long, Cut> cuts = new TreeMap<>();

    /** Positions of no transaction: each must be a message's outside one. */
    private final Set<Long> outside = new TreeSet<>();

    private final List<String> faults = new ArrayList<>();
    private long faultCount;
    private long changes;
    private @Nullable Tidemark newest;
    private Tidemark.@Nullable Transaction first;
    private Tidemark.@Nullable Transaction last;
    private Lsn from = Lsn.ZERO;

    public ProofReader(CaptureSettings settings) {
        this.settings = settings;
        this.records = new CommittedRecords(settings.kafkaClient());
    }

    /** What should be there of a transaction, and what is: counts and sums tell a set of orders without keeping it. */
    private static final class Tally {
        private final int wanted;
        private long found;
        private long mixed;

        Tally(int wanted) {
            this.wanted = wanted;
            for (int order = 0; order < wanted; order++) {
                mixed -= mix(order);
            }
        }

        void add(int order) {
            found++;
            mixed += mix(order);
        }

        boolean whole() {
            return found == wanted && mixed == 0;
        }

        private static long mix(long order) {
            long mixed = (order + 1) * 0x9E3779B97F4A7C15L;
            mixed = (mixed ^ (mixed >>> 32)) * 0xBF58476D1CE4E5B9L;
            return mixed ^ (mixed >>> 29);
        }
    }

    public CaptureProof read() {
        records.forEach(List.of(settings.topics().tidemarks()), this::take);
        Tidemark end = newest;
        if (end == null) {
            throw new TidemarkException(
                    ErrorCode.CONFIGURATION,
                    "No tidemark was captured under prefix '"
                            + settings.topics().prefix() + "' yet; start 'tidemark capture' or 'tidemark run' first");
        }
        List<String> topics = new ArrayList<>(List.of(settings.topics().messages()));
        settings.tables().forEach(table -> topics.add(settings.topics().changes(table)));
        for (String topic : topics) {
            Map<TopicPartition, Long> positions = new HashMap<>();
            records.forEach(List.of(topic), change -> take(change, positions, end.number()));
        }
        outside.forEach(position -> fault("position " + position + " is no transaction's and no message's"));
        tallies.forEach((position, tally) -> {
            if (!tally.whole()) {
                fault("position " + position + " should have " + tally.wanted + " changes, each once, and has "
                        + tally.found);
            }
        });
        Tidemark.Transaction begin = first;
        return new CaptureProof(
                begin == null ? 0 : begin.position(),
                end.number(),
                from,
                end.lsn(),
                tallies.size(),
                changes,
                faults,
                faultCount);
    }

    private void take(ConsumerRecord<byte[], byte[]> record) {
        Tidemark tidemark = Tidemark.fromJson(Json.parse(record.value()));
        TidemarkRef before = newest == null ? TidemarkRef.NONE : newest.ref();
        if (tidemark.ref().compareTo(before) <= 0) {
            fault("tidemark " + tidemark.ref() + " comes after " + before);
        }
        if (first == null && tallies.isEmpty()) {
            from = before.equals(TidemarkRef.NONE) ? tidemark.lsn() : before.lsn();
        }
        if (Instant.ofEpochMilli(record.timestamp()).isAfter(Instant.now().minus(settings.history()))) {
            tidemark.transactions().forEach(this::take);
        }
        takeCut(tidemark);
        newest = tidemark;
    }

    private void take(Tidemark.Transaction transaction) {
        Tidemark.Transaction before = last;
        if (before == null) {
            first = transaction;
        } else {
            if (transaction.position() <= before.position()) {
                fault("position " + transaction.position() + " follows " + before.position());
            }
            for (long missing = before.position() + 1; missing < transaction.position(); missing++) {
                outside.add(missing);
            }
            if (transaction.endLsn().compareTo(before.endLsn()) <= 0) {
                fault("position " + transaction.position() + " ends at " + transaction.endLsn() + ", the one before at "
                        + before.endLsn());
            }
        }
        last = transaction;
        tallies.put(transaction.position(), new Tally(transaction.changes()));
    }

    private void takeCut(Tidemark tidemark) {
        if (tidemark.full()) {
            cuts.putIfAbsent(tidemark.number(), Cut.of(tidemark));
        } else if (!cuts.isEmpty()) {
            cuts.putIfAbsent(tidemark.number(), cuts.lastEntry().getValue().plus(tidemark));
        }
    }

    private void take(ConsumerRecord<byte[], byte[]> record, Map<TopicPartition, Long> positions, long number) {
        Header header = record.headers().lastHeader(Version.HEADER);
        if (header == null) {
            fault(place(record) + " has no " + Version.HEADER + " header: somebody else wrote it");
            return;
        }
        Version version = Version.decode(header.value());
        long before =
                positions.merge(new TopicPartition(record.topic(), record.partition()), version.position(), Math::max);
        if (version.position() < before) {
            fault(place(record) + " has position " + version.position() + " after " + before);
        }
        if (record.topic().equals(settings.topics().messages())) {
            outside.remove(version.position());
        }
        Tally tally = tallies.get(version.position());
        // A tombstone repeats the delete before it. Past the newest tidemark nothing is promised yet.
        if (tally == null || record.value() == null || version.position() > number) {
            return;
        }
        tally.add(version.order());
        changes++;
        requireCut(record, version.position());
    }

    /** A record is before the offsets of the first tidemark that covers it, and not before those of the one before. */
    private void requireCut(ConsumerRecord<byte[], byte[]> record, long position) {
        Map.Entry<Long, Cut> covering = cuts.ceilingEntry(position);
        Map.Entry<Long, Cut> before = cuts.lowerEntry(position);
        if (covering != null && record.offset() >= covering.getValue().offset(record.topic(), record.partition())) {
            fault(place(record) + " has position " + position + " and is past tidemark "
                    + covering.getValue().tidemark());
        }
        if (before != null && record.offset() < before.getValue().offset(record.topic(), record.partition())) {
            fault(place(record) + " has position " + position + " and is before tidemark "
                    + before.getValue().tidemark());
        }
    }

    private static String place(ConsumerRecord<byte[], byte[]> record) {
        return record.topic() + "-" + record.partition() + " offset " + record.offset();
    }

    private void fault(String what) {
        faultCount++;
        if (faults.size() < FAULTS_KEPT) {
            faults.add(what);
        }
    }
}
