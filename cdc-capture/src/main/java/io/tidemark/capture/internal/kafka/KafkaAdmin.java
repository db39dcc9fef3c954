package io.tidemark.capture.internal.kafka;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;

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
            Throwable reason = e.getCause() == null ? e : e.getCause();
            boolean noHost = String.valueOf(reason.getMessage()).startsWith("No resolvable bootstrap");
            ErrorCode code =
                    reason instanceof ConfigException && !noHost ? ErrorCode.CONFIGURATION : ErrorCode.UNREACHABLE;
            String what = noHost ? "none of its hosts is known" : String.valueOf(reason.getMessage());
            throw new TidemarkException(
                    code,
                    "Kafka at " + servers(client) + " cannot be used: " + what + ". " + remedy(noHost ? e : reason),
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
        String what = silent ? "does not answer within " + seconds + " s" : "refuses: " + cause.getMessage();
        return new TidemarkException(
                ErrorCode.UNREACHABLE, "Kafka at " + servers(client) + " " + what + ". " + remedy(cause), cause);
    }

    private static String remedy(Throwable cause) {
        if (cause instanceof ConfigException) {
            return "Each of kafka.bootstrap.servers is host:port; further properties are as Kafka's clients have them";
        }
        if (cause instanceof AuthenticationException) {
            return "Check security.protocol and the sasl and ssl properties under kafka";
        }
        if (cause instanceof AuthorizationException) {
            return "Give this client the rights on topics with the prefix";
        }
        return "Check kafka.bootstrap.servers, and that the brokers are running";
    }

    private static String servers(Map<String, String> client) {
        return String.valueOf(client.get(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG));
    }

    @Override
    public void close() {
        admin.close(java.time.Duration.ofSeconds(1));
    }
}
