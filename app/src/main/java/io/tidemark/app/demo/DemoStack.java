package io.tidemark.app.demo;

import io.tidemark.app.run.Interrupts;
import io.tidemark.localstack.LocalStack;
import io.tidemark.localstack.ProgressListener;
import io.tidemark.localstack.ServerKind;
import io.tidemark.localstack.StackPlan;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The demo's servers, with a source database and a warehouse. */
final class DemoStack implements AutoCloseable {

    static final String SOURCE_URL = "SOURCE_URL";

    private static final String SOURCE = "shop";
    private static final String WAREHOUSE = "dw";

    private final LocalStack stack;

    private DemoStack(LocalStack stack) {
        this.stack = stack;
    }

    static DemoStack start(Consumer<String> progress) {
        StackPlan plan = StackPlan.builder(
                        ServerKind.POSTGRES, ServerKind.KAFKA, ServerKind.ELASTICSEARCH, ServerKind.REDIS)
                .build();
        LocalStack stack = LocalStack.start(plan, (server, step, elapsed) -> {
            if (step == ProgressListener.Step.READY) {
                progress.accept(server.title() + " is ready");
            }
        });
        try {
            stack.postgres().createDatabase(SOURCE);
            stack.postgres().createDatabase(WAREHOUSE);
        } catch (RuntimeException e) {
            Interrupts.holdBack(stack::close);
            throw e;
        }
        return new DemoStack(stack);
    }

    Connection source() throws SQLException {
        return stack.postgres().connect(SOURCE);
    }

    java.nio.file.Path directory() {
        return stack.directory();
    }

    /** Throws when a server has gone. */
    void requireAlive() {
        gone(null).ifPresent(failure -> {
            throw failure;
        });
    }

    /** That a server has gone, if one has. */
    Optional<RuntimeException> gone(@Nullable RuntimeException consequence) {
        return stack.servers().stream()
                .filter(server -> !server.isAlive())
                .findFirst()
                .map(server -> new TidemarkException(
                        ErrorCode.UNREACHABLE,
                        "The demo's " + server.kind().title()
                                + " ended while it was needed; something killed it, or memory is short. Start the demo"
                                + " again",
                        consequence));
    }

    /** Values as the variables will have, to look at a file before there is a server. */
    static Map<String, String> exampleVariables() {
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put(SOURCE_URL, "jdbc:postgresql://localhost:5432/" + SOURCE);
        variables.put("KAFKA_SERVERS", "localhost:9092");
        variables.put("SEARCH_URL", "http://localhost:9200");
        variables.put("CACHE_URL", "redis://localhost:6379");
        variables.put("WAREHOUSE_URL", "jdbc:postgresql://localhost:5432/" + WAREHOUSE);
        for (String name : List.of("SOURCE_USER", "SOURCE_PASSWORD", "WAREHOUSE_USER", "WAREHOUSE_PASSWORD")) {
            variables.put(name, "demo");
        }
        return variables;
    }

    /** The variables a demo configuration may use. */
    Map<String, String> variables() {
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put(SOURCE_URL, stack.postgres().jdbcUrl(SOURCE));
        variables.put("SOURCE_USER", stack.postgres().superuser());
        variables.put("SOURCE_PASSWORD", stack.postgres().password());
        variables.put("KAFKA_SERVERS", stack.kafka().bootstrapServers());
        variables.put("SEARCH_URL", stack.elasticsearch().url());
        variables.put("CACHE_URL", stack.redis().url());
        variables.put("WAREHOUSE_URL", stack.postgres().jdbcUrl(WAREHOUSE));
        variables.put("WAREHOUSE_USER", stack.postgres().superuser());
        variables.put("WAREHOUSE_PASSWORD", stack.postgres().password());
        return variables;
    }

    /** Addresses for people to look at. */
    Map<String, String> urls() {
        Map<String, String> urls = new LinkedHashMap<>();
        urls.put("Elasticsearch", stack.elasticsearch().url() + "/_search?pretty");
        urls.put("Redis", stack.redis().url());
        urls.put(
                "Warehouse",
                stack.postgres().jdbcUrl(WAREHOUSE) + "?user="
                        + stack.postgres().superuser() + "&password="
                        + stack.postgres().password());
        return urls;
    }

    @Override
    public void close() {
        stack.close();
    }
}
