package io.tidemark.capture.internal.kafka;

import io.tidemark.capture.CaptureProof;
import io.tidemark.capture.CaptureSettings;
import io.tidemark.model.Cut;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.TableId;
import io.tidemark.model.Tidemark;
import io.tidemark.model.TidemarkException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads what a {@link ProofJudge} judges: the tidemarks there are, then each change partition up to the newest one's
 * offset and no further. A commit comes to one partition after the other, so that where the tidemark can be read its
 * changes may not be, yet; they are waited for.
 */
public final class ProofReader {

    private final CaptureSettings settings;
    private final CommittedRecords records;

    public ProofReader(CaptureSettings settings) {
        this(settings, new CommittedRecords(settings.kafkaClient()));
    }

    ProofReader(CaptureSettings settings, Duration patience) {
        this(settings, new CommittedRecords(settings.kafkaClient(), patience));
    }

    private ProofReader(CaptureSettings settings, CommittedRecords records) {
        this.settings = settings;
        this.records = records;
    }

    public CaptureProof read() {
        try (KafkaAdmin kafka = KafkaAdmin.reach(settings.kafkaClient())) {
            Set<String> existing = kafka.await(kafka.client().listTopics().names());
            ProofJudge judge = tidemarks(existing);
            Cut cut = judge.newestCut().orElseThrow(this::nothingCaptured);
            for (String topic : topics()) {
                if (!cut.offsets().containsKey(topic)
                        && !topic.equals(settings.topics().messages())) {
                    judge.incomplete();
                }
                if (existing.contains(topic)) {
                    Map<TopicPartition, Long> until = until(kafka, topic, cut, judge);
                    records.forEach(until, judge::change);
                } else {
                    judge.fault("topic " + topic + " is gone");
                }
            }
            return judge.verdict(Instant.now());
        }
    }

    private ProofJudge tidemarks(Set<String> existing) {
        String topic = settings.topics().tidemarks();
        if (!existing.contains(topic)) {
            throw nothingCaptured();
        }
        ProofJudge judge = new ProofJudge(settings.topics(), settings.history(), records.hasItsBeginning(topic));
        records.forEach(
                topic,
                record -> judge.tidemark(
                        Tidemark.fromJson(Json.parse(record.value())), Instant.ofEpochMilli(record.timestamp())));
        return judge;
    }

    private List<String> topics() {
        List<String> topics = new ArrayList<>(List.of(settings.topics().messages()));
        for (TableId table : settings.tables()) {
            topics.add(settings.topics().changes(table));
        }
        return topics;
    }

    /** How far to read: a partition that ends before the cut has lost something, and there is nothing to wait for. */
    private static Map<TopicPartition, Long> until(KafkaAdmin kafka, String topic, Cut cut, ProofJudge judge) {
        Map<TopicPartition, Long> until = new HashMap<>();
        kafka.ends(topic).forEach((partition, end) -> {
            long covered = cut.offset(topic, partition.partition());
            if (covered > end) {
                judge.fault(partition + " ends at offset " + end + ", tidemark " + cut.tidemark() + " covers it up to "
                        + covered);
            }
            until.put(partition, Math.min(covered, end));
        });
        return until;
    }

    private TidemarkException nothingCaptured() {
        return new TidemarkException(
                ErrorCode.CONFIGURATION,
                "No tidemark was captured under prefix '" + settings.topics().prefix()
                        + "' yet; start 'tidemark capture' or 'tidemark run' first");
    }
}
