package io.tidemark.capture.internal.kafka;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;

/** An admin client whose waits are bounded, and whose errors say what happened. */
public final class KafkaAdmin implements AutoCloseable {

    private static final int REACH_SECONDS = 10;
    private static final int TIMEOUT_SECONDS = 30;

    private final Map<String, String> client;
    private final Admin admin;
    private final int brokers;

    private KafkaAdmin(Map<String, String> client) {
        this.client = client;
        this.admin = create(client);
        this.brokers = brokersOrClose();
    }

    /**
     * Connects to the cluster.
     *
     * @throws TidemarkException UNREACHABLE when no broker answers soon, CONFIGURATION when a property is wrong
     */
    public static KafkaAdmin reach(Map<String, String> client) {
        return new KafkaAdmin(client);
    }

    /** How many brokers there are. */
    public int brokers() {
        return brokers;
    }

    Admin client() {
        return admin;
    }

    /** Where each partition of a topic ends, whatever of it can be read yet. */
    Map<TopicPartition, Long> ends(String topic) {
        Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
        await(admin.describeTopics(List.of(topic)).allTopicNames()).values().forEach(description -> description
                .partitions()
                .forEach(each -> latest.put(new TopicPartition(topic, each.partition()), OffsetSpec.latest())));
        Map<TopicPartition, Long> ends = new HashMap<>();
        await(admin.listOffsets(latest).all()).forEach((partition, info) -> ends.put(partition, info.offset()));
        return ends;
    }

    /** The answer; throws UNREACHABLE when it is none. */
    <T> T await(KafkaFuture<T> future) {
        return await(future, TIMEOUT_SECONDS);
    }

    private int brokersOrClose() {
        try {
            DescribeClusterOptions soon = new DescribeClusterOptions().timeoutMs(REACH_SECONDS * 1000);
            return await(admin.describeCluster(soon).nodes(), REACH_SECONDS).size();
        } catch (RuntimeException e) {
            admin.close(java.time.Duration.ZERO);
            throw e;
        }
    }

    private static Admin create(Map<String, String> client) {
        Map<String, Object> config = new HashMap<>(client);
        config.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, TIMEOUT_SECONDS * 1000);
        try {
            return Admin.create(config);
        } catch (KafkaException e) {
            Throwable reason = KafkaReason.below(e);
            boolean noHost = String.valueOf(reason.getMessage()).startsWith("No resolvable bootstrap");
            // Nothing was connected yet: but for a host nobody knows, it is a property or a file one names.
            ErrorCode code = noHost ? ErrorCode.UNREACHABLE : ErrorCode.CONFIGURATION;
            String what = noHost ? "none of its hosts is known" : KafkaReason.of(reason);
            throw new TidemarkException(
                    code,
                    "Kafka at " + servers(client) + " cannot be used: " + what + ". "
                            + KafkaReason.remedy(noHost ? e : reason),
                    e);
        }
    }

    private <T> T await(KafkaFuture<T> future, int seconds) {
        try {
            return future.get(seconds, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw unreachable(e.getCause() == null ? e : e.getCause(), seconds);
        } catch (TimeoutException e) {
            throw unreachable(e, seconds);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TidemarkException(ErrorCode.FAILED, "Interrupted while talking to Kafka", e);
        }
    }

    private TidemarkException unreachable(Throwable cause, int seconds) {
        boolean silent =
                cause instanceof TimeoutException || cause instanceof org.apache.kafka.common.errors.TimeoutException;
        String what = silent ? "does not answer within " + seconds + " s" : "refuses: " + KafkaReason.of(cause);
        return new TidemarkException(
                ErrorCode.UNREACHABLE,
                "Kafka at " + servers(client) + " " + what + ". " + KafkaReason.remedy(cause),
                cause);
    }

    private static String servers(Map<String, String> client) {
        return String.valueOf(client.get(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG));
    }

    @Override
    public void close() {
        admin.close(java.time.Duration.ofSeconds(1));
    }
}
