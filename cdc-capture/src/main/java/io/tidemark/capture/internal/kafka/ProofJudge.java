package io.tidemark.capture.internal.kafka;

import io.tidemark.capture.CaptureProof;
import io.tidemark.model.Cut;
import io.tidemark.model.Lsn;
import io.tidemark.model.Tidemark;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.Topics;
import io.tidemark.model.Version;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * Judges the records of a capture: first all its tidemarks, then its changes up to the newest one. Does no I/O.
 *
 * <p>Compaction takes versions older than the history. A tidemark tells when it was written, its changes were written
 * before: a part of a large transaction together with the tidemark before, which followed the one before that. So a
 * transaction is judged when the tidemark two before its own is still inside the history after the last read.
 */
final class ProofJudge {

    private static final int FAULTS_KEPT = 20;

    /** Clocks of brokers differ from ours, by less than this. */
    private static final Duration CLOCK_SLACK = Duration.ofMinutes(1);

    private final String messages;
    private final Duration history;
    private final boolean fromBeginning;

    /** What should be there of each transaction listed, by position. */
    private final NavigableMap<Long, Tally> tallies = new TreeMap<>();

    /** Cuts by number: the first tidemark that covers a position is the lowest at or above it. */
    private final NavigableMap<Long, Cut> cuts = new TreeMap<>();

    /** Covered positions that are not listed, and since when they may have been written: each must be a message's. */
    private final NavigableMap<Long, Instant> outside = new TreeMap<>();

    private final Set<Long> chunks = new HashSet<>();
    private final Map<TopicPartition, Long> positions = new HashMap<>();
    private final List<String> faults = new ArrayList<>();
    private long faultCount;
    private boolean incomplete;
    private @Nullable Tidemark newest;
    private Tidemark.@Nullable Transaction last;
    private Instant oneBefore = Instant.EPOCH;
    private Instant twoBefore = Instant.EPOCH;

    /**
     * Begins to judge.
     *
     * @param history for which the topics keep every version
     * @param fromBeginning whether the first tidemark it will be given is the first there ever was
     */
    ProofJudge(Topics topics, Duration history, boolean fromBeginning) {
        this.messages = topics.messages();
        this.history = history;
        this.fromBeginning = fromBeginning;
    }

    /**
     * What should be there of a transaction, and what is: counts and sums tell a set of orders without keeping it.
     */
    private static final class Tally {
        private final int wanted;
        private final Instant since;
        private final Lsn from;
        private long found;
        private long mixed;

        /**
         * Nothing found yet.
         *
         * @param since when its first change was written, or before that
         * @param from LSN of the tidemark before it
         */
        Tally(int wanted, Instant since, Lsn from) {
            this.wanted = wanted;
            this.since = since;
            this.from = from;
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

    /**
     * Takes the next tidemark.
     *
     * @param written when Kafka took it
     */
    void tidemark(Tidemark tidemark, Instant written) {
        Tidemark before = newest;
        if (before == null) {
            oneBefore = fromBeginning ? written : Instant.EPOCH;
            twoBefore = oneBefore;
        } else if (tidemark.ref().compareTo(before.ref()) <= 0) {
            fault("tidemark " + tidemark.ref() + " comes after " + before.ref());
        }
        Lsn from = before == null ? tidemark.lsn() : before.lsn();
        if (before != null) {
            long known = Math.max(before.number(), tidemark.unlistedTo());
            for (long position = known + 1; position <= tidemark.number(); position++) {
                outside.put(position, twoBefore);
            }
        }
        tidemark.transactions().forEach(transaction -> take(transaction, from));
        takeCut(tidemark);
        newest = tidemark;
        twoBefore = oneBefore;
        oneBefore = written;
    }

    private void take(Tidemark.Transaction transaction, Lsn from) {
        Tidemark.Transaction before = last;
        if (before != null && transaction.position() <= before.position()) {
            fault("position " + transaction.position() + " follows " + before.position());
        }
        // A chunk of a snapshot stands where the transaction before it ends, or somewhere after that.
        int further = before == null ? 1 : transaction.endLsn().compareTo(before.endLsn());
        if (before != null && (further < 0 || (further == 0 && transaction.xid() != 0))) {
            fault("position " + transaction.position() + " ends at " + transaction.endLsn() + ", the one before at "
                    + before.endLsn());
        }
        last = transaction;
        outside.remove(transaction.position());
        if (transaction.xid() == 0) {
            chunks.add(transaction.position());
        }
        tallies.put(transaction.position(), new Tally(transaction.changes(), twoBefore, from));
    }

    private void takeCut(Tidemark tidemark) {
        if (tidemark.full()) {
            cuts.putIfAbsent(tidemark.number(), Cut.of(tidemark));
        } else if (!cuts.isEmpty()) {
            cuts.putIfAbsent(tidemark.number(), cuts.lastEntry().getValue().plus(tidemark));
        }
    }

    /** Up to where changes are to be given; empty when no tidemark with all offsets came. */
    Optional<Cut> newestCut() {
        return cuts.isEmpty() ? Optional.empty() : Optional.of(cuts.lastEntry().getValue());
    }

    /** Not every change will be given: a topic that is in no cut yet holds some of them. */
    void incomplete() {
        incomplete = true;
    }

    /** Takes a record of a change topic, or of the messages topic; each partition's in order. */
    void change(ConsumerRecord<byte[], byte[]> record) {
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
        if (record.topic().equals(messages)) {
            outside.remove(version.position());
        }
        Tally tally = tallies.get(version.position());
        // A tombstone repeats the delete before it.
        if (tally != null && record.value() != null) {
            tally.add(version.order());
            requireCut(record, version.position());
        }
    }

    /** A record is before the offsets of the first tidemark that covers it, and not before those of the one before. */
    private void requireCut(ConsumerRecord<byte[], byte[]> record, long position) {
        Map.Entry<Long, Cut> covering = cuts.ceilingEntry(position);
        Map.Entry<Long, Cut> before = cuts.lowerEntry(position);
        if (covering != null
                && names(covering, record)
                && record.offset() >= covering.getValue().offset(record.topic(), record.partition())) {
            fault(place(record) + " has position " + position + " and is past tidemark "
                    + covering.getValue().tidemark());
        }
        if (before != null
                && names(before, record)
                && record.offset() < before.getValue().offset(record.topic(), record.partition())) {
            fault(place(record) + " has position " + position + " and is before tidemark "
                    + before.getValue().tidemark());
        }
    }

    /** The topic of a table that is being added is in no cut. */
    private static boolean names(Map.Entry<Long, Cut> cut, ConsumerRecord<byte[], byte[]> record) {
        return cut.getValue().offsets().containsKey(record.topic());
    }

    private static String place(ConsumerRecord<byte[], byte[]> record) {
        return record.topic() + "-" + record.partition() + " offset " + record.offset();
    }

    void fault(String what) {
        faultCount++;
        if (faults.size() < FAULTS_KEPT) {
            faults.add(what);
        }
    }

    /**
     * What it comes to.
     *
     * @param now after the last record was read: until then compaction went on
     */
    CaptureProof verdict(Instant now) {
        Duration tenth = history.dividedBy(10);
        Instant edge = now.minus(history).plus(tenth.compareTo(CLOCK_SLACK) < 0 ? tenth : CLOCK_SLACK);
        tallies.values().removeIf(tally -> !tally.since.isAfter(edge));
        outside.forEach((position, since) -> {
            if (since.isAfter(edge)) {
                fault("position " + position + " is no transaction's and no message's");
            }
        });
        tallies.forEach((position, tally) -> {
            if (incomplete ? tally.found > tally.wanted : !tally.whole()) {
                fault("position " + position + " should have " + tally.wanted + " changes, each once, and has "
                        + tally.found);
            }
        });
        TidemarkRef end = newest == null ? TidemarkRef.NONE : newest.ref();
        chunks.retainAll(tallies.keySet());
        return new CaptureProof(
                tallies.isEmpty() ? 0 : tallies.firstKey(),
                end.number(),
                tallies.isEmpty() ? end.lsn() : tallies.firstEntry().getValue().from,
                end.lsn(),
                tallies.size() - chunks.size(),
                tallies.entrySet().stream()
                        .filter(tally -> !chunks.contains(tally.getKey()))
                        .mapToLong(tally -> tally.getValue().found)
                        .sum(),
                chunks.size(),
                faults,
                faultCount);
    }
}
