package io.tidemark.connect.sink;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** What a sink asks Kafka beside what its worker gives it. Each question has a client of its own: no thread stays. */
final class KafkaTopics implements Brokers {

    private static final int PATIENCE_MS = 20_000;
    private static final int FEW_OFFSETS = 100;
    private static final Duration POLL = Duration.ofMillis(200);

    private final Map<String, Object> client;

    /** @param client how to reach the brokers */
    KafkaTopics(Map<String, Object> client) {
        Map<String, Object> bounded = new HashMap<>(client);
        bounded.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, PATIENCE_MS);
        bounded.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, PATIENCE_MS / 2);
        this.client = Map.copyOf(bounded);
    }

    @Override
    public Map<String, Described> describe(Collection<String> topics) {
        Map<String, TopicDescription> described =
                ask("describes " + topics, admin -> admin.describeTopics(topics).allTopicNames());
        return described.entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, topic -> described(topic.getValue())));
    }

    private static Described described(TopicDescription topic) {
        return new Described(topic.topicId().toString(), topic.partitions().size());
    }

    @Override
    public Map<TopicPartition, OffsetAndMetadata> committed(String group, Collection<TopicPartition> partitions) {
        Map<TopicPartition, OffsetAndMetadata> all =
                ask("tells offsets of group " + group, admin -> admin.listConsumerGroupOffsets(group)
                        .partitionsToOffsetAndMetadata());
        return all.entrySet().stream()
                .filter(place -> partitions.contains(place.getKey()) && place.getValue() != null)
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    @Override
    public Map<TopicPartition, Long> beginnings(Collection<TopicPartition> partitions) {
        return offsets(partitions, OffsetSpec.earliest());
    }

    @Override
    public Map<TopicPartition, Long> behindLastRecords(Collection<TopicPartition> partitions) {
        Map<TopicPartition, Long> beginnings = beginnings(partitions);
        Map<TopicPartition, Long> ends = offsets(partitions, OffsetSpec.latest());
        Map<TopicPartition, Long> behind = new HashMap<>();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(consumer())) {
            for (TopicPartition partition : partitions) {
                long beginning = Objects.requireNonNull(beginnings.get(partition));
                long end = Objects.requireNonNull(ends.get(partition));
                behind.put(partition, behindLast(consumer, partition, beginning, end));
            }
        } catch (KafkaException e) {
            throw unreachable("reads the ends of " + partitions, e);
        }
        return behind;
    }

    private Map<String, Object> consumer() {
        Map<String, Object> config = new HashMap<>(client);
        config.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        config.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, SinkKeys.READ_COMMITTED);
        config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        return config;
    }

    /** Looks at more and more of the end, until there is a record in it. */
    private static long behindLast(
            KafkaConsumer<byte[], byte[]> consumer, TopicPartition partition, long beginning, long end) {
        consumer.assign(List.of(partition));
        long from = end;
        for (long some = FEW_OFFSETS; from > beginning; some *= 10) {
            long until = from;
            from = Math.max(beginning, end - some);
            consumer.seek(partition, from);
            long last = -1;
            while (consumer.position(partition) < until) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    last = record.offset() < until ? record.offset() : last;
                }
            }
            if (last >= 0) {
                return last + 1;
            }
        }
        return beginning;
    }

    private Map<TopicPartition, Long> offsets(Collection<TopicPartition> partitions, OffsetSpec spec) {
        Map<TopicPartition, OffsetSpec> question =
                partitions.stream().collect(Collectors.toMap(Function.identity(), any -> spec));
        var answer = ask("tells offsets of " + partitions, admin -> admin.listOffsets(
                        question, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
                .all());
        return answer.entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, place -> place.getValue()
                .offset()));
    }

    private <T> T ask(String what, Function<Admin, KafkaFuture<T>> question) {
        try (Admin admin = Admin.create(new HashMap<>(client))) {
            return question.apply(admin).get(PATIENCE_MS, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                throw new TidemarkException(
                        ErrorCode.CONFIGURATION, "Kafka at " + brokers() + " has no such topic when it " + what, e);
            }
            throw unreachable(what, e);
        } catch (TimeoutException | RuntimeException e) {
            throw unreachable(what, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TidemarkException(ErrorCode.FAILED, "Interrupted while Kafka " + what, e);
        }
    }

    private TidemarkException unreachable(String what, Exception e) {
        return new TidemarkException(
                ErrorCode.UNREACHABLE,
                "No answer when Kafka at " + brokers() + " " + what + ": "
                        + e.getMessage() + ". Check " + SinkKeys.BOOTSTRAP
                        + " and the properties beside it",
                e);
    }

    private String brokers() {
        return String.valueOf(client.get(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG));
    }
}
