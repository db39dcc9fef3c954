package io.tidemark.app;

import io.tidemark.app.config.TidemarkConfig;
import io.tidemark.app.http.Answer;
import io.tidemark.app.http.HttpEndpoint;
import io.tidemark.app.http.WaitRoute;
import io.tidemark.app.monitor.Health;
import io.tidemark.app.monitor.Monitor;
import io.tidemark.app.run.PipelineObserver;
import io.tidemark.app.run.Plan;
import io.tidemark.capture.SlotGuard;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What a command that runs for long serves over HTTP; nothing where the file has no {@code http}. */
final class Serving implements AutoCloseable {

    private static final String METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final @Nullable Running running;
    private @Nullable WaitRoute waiting;

    private record Running(HttpEndpoint endpoint, Monitor monitor) {}

    private Serving(@Nullable Running running) {
        this.running = running;
    }

    /**
     * Takes the address the file names, before anything else is begun; requests wait until {@link #start}.
     *
     * @throws io.tidemark.model.TidemarkException CONFIGURATION when it cannot be had
     */
    static Serving of(TidemarkConfig config) {
        return new Serving(config.http()
                .map(http -> new Running(HttpEndpoint.bind(http), new Monitor(http.unhealthyAfter())))
                .orElse(null));
    }

    /**
     * Begins to answer.
     *
     * @param guard of the slot, where this process captures
     */
    void start(Plan plan, Optional<SlotGuard> guard, Consumer<String> progress) {
        Running here = running;
        if (here == null) {
            return;
        }
        WaitRoute wait = new WaitRoute(plan);
        waiting = wait;
        Monitor monitor = here.monitor();
        guard.ifPresent(monitor::slot);
        monitor.start();
        here.endpoint().add("/metrics", query -> {
            query.allowOnly(List.of());
            return CompletableFuture.completedFuture(new Answer(Answer.OK, METRICS_TYPE, monitor.metrics()));
        });
        here.endpoint().add("/health", query -> {
            query.allowOnly(List.of());
            return CompletableFuture.completedFuture(answer(monitor.health()));
        });
        here.endpoint().add("/wait", wait);
        here.endpoint().start();
        progress.accept(
                "serving /metrics, /health and /wait on " + here.endpoint().url());
    }

    private static Answer answer(Health health) {
        return Answer.json(health.isHealthy() ? Answer.OK : Answer.UNAVAILABLE, health.json(Instant.now()));
    }

    /** Who is to be shown the parts as they start. */
    PipelineObserver observer() {
        Running here = running;
        return here == null ? PipelineObserver.NONE : here.monitor();
    }

    @Override
    public void close() {
        Running here = running;
        if (here != null) {
            here.endpoint().close();
            here.monitor().close();
        }
        WaitRoute wait = waiting;
        if (wait != null) {
            wait.close();
        }
    }
}
