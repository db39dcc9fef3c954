package io.tidemark.app.http;

import io.tidemark.app.config.DurationText;
import io.tidemark.app.config.ReadModelConfig.Target;
import io.tidemark.app.http.HttpEndpoint.Route;
import io.tidemark.app.run.FreshnessReport;
import io.tidemark.app.run.LiveReader;
import io.tidemark.app.run.Pipeline.Place;
import io.tidemark.app.run.Plan;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Lsn;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.definition.ReadModel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/**
 * {@code /wait?token=T[&model=M][&store=S][&timeout=10s]}: answers when the read models are fresh for a read token, or
 * when the time is over.
 */
public final class WaitRoute implements Route, AutoCloseable {

    private static final List<String> PARAMETERS = List.of("token", "model", "store", "timeout");
    private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration LONGEST_TIMEOUT = Duration.ofMinutes(5);
    private static final int MOST_WAITING = 10_000;

    private final Plan plan;
    private final List<FreshnessPoll> polls = new ArrayList<>();
    private final AtomicInteger waiting = new AtomicInteger();

    /** Prepares it; stores are asked when somebody waits. */
    public WaitRoute(Plan plan) {
        this.plan = plan;
        for (ReadModel model : plan.models()) {
            for (Target target : plan.targets(model)) {
                Place place = new Place(model.name(), target.store());
                polls.add(new FreshnessPoll(place, () -> asked(model, target)).start());
            }
        }
    }

    private FreshnessPoll.Asked asked(ReadModel model, Target target) {
        LiveReader live = new LiveReader(plan, model, target.store());
        return new FreshnessPoll.Asked() {
            @Override
            public Optional<TidemarkRef> appliedTidemark() {
                return live.appliedTidemark();
            }

            @Override
            public void close() {
                live.close();
            }
        };
    }

    @Override
    public CompletableFuture<Answer> answer(Query query) {
        query.allowOnly(PARAMETERS);
        Lsn token = FreshnessReport.token(query.required("token"));
        Duration timeout = query.optional("timeout").map(WaitRoute::timeout).orElse(DEFAULT_TIMEOUT);
        List<FreshnessPoll> asked = polls(query);
        if (waiting.incrementAndGet() > MOST_WAITING) {
            waiting.decrementAndGet();
            throw new TidemarkException(ErrorCode.FAILED, MOST_WAITING + " are waiting already; try again later");
        }
        List<CompletableFuture<FreshnessReport.Answer>> answers =
                asked.stream().map(poll -> poll.await(token, timeout)).toList();
        return CompletableFuture.allOf(answers.toArray(CompletableFuture<?>[]::new))
                .whenComplete((all, failure) -> waiting.decrementAndGet())
                .thenApply(all -> answer(new FreshnessReport(
                        token, answers.stream().map(CompletableFuture::join).toList())));
    }

    private static Answer answer(FreshnessReport report) {
        return Answer.json(report.isFresh() ? Answer.OK : Answer.NOT_IN_TIME, report.json());
    }

    private static Duration timeout(String text) {
        return DurationText.parse(text)
                .filter(timeout -> timeout.compareTo(LONGEST_TIMEOUT) <= 0)
                .orElseThrow(() -> Query.usage("timeout: expected a whole number with s or m, at most "
                        + LONGEST_TIMEOUT.toMinutes() + "m, found '" + text + "'"));
    }

    private List<FreshnessPoll> polls(Query query) {
        Optional<String> model = query.optional("model");
        Optional<String> store = query.optional("store");
        model.ifPresent(plan::model);
        List<FreshnessPoll> asked = polls.stream()
                .filter(poll ->
                        model.isEmpty() || model.get().equals(poll.place().model()))
                .filter(poll ->
                        store.isEmpty() || store.get().equals(poll.place().store()))
                .toList();
        if (asked.isEmpty()) {
            throw Query.usage("no such read model in store '" + store.orElse("") + "'; there are "
                    + polls.stream()
                            .map(poll ->
                                    poll.place().model() + " in " + poll.place().store())
                            .collect(Collectors.joining(", ")));
        }
        return asked;
    }

    @Override
    public void close() {
        polls.forEach(FreshnessPoll::close);
    }
}
