package io.tidemark.benchmarks;

import io.tidemark.localstack.ServerKind;
import io.tidemark.model.Lsn;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** A documents topic into each store, beside the least that could write the same. */
final class TopicToStore implements Scenario {

    /** A store that is written to. */
    enum Store {
        ELASTICSEARCH,
        REDIS,
        SQL
    }

    private static final String OURS = "tidemark";
    private static final int DOCUMENTS = 1_000_000;

    /** All bodies are in memory before the time runs. */
    private static final int BARE_HEAP_MB = 3 * 1024;

    private static final List<Integer> BULK_DOCUMENTS = List.of(1_000, 2_500, 5_000);
    private static final List<Integer> MERGE_DOCUMENTS = List.of(5_000, 20_000);
    private static final int SCRIPT_DEPTH = 5_000;
    private static final int SET_DEPTH = 64;

    private final Set<Store> stores;
    private final Optional<Path> jdbcSink;
    private int places;

    /** @param jdbcSink where Debezium's JDBC sink is unpacked, if it is to be compared */
    TopicToStore(Set<Store> stores, Optional<Path> jdbcSink) {
        this.stores = EnumSet.copyOf(stores);
        this.jdbcSink = jdbcSink;
    }

    @Override
    public Set<ServerKind> servers() {
        return EnumSet.allOf(ServerKind.class);
    }

    @Override
    public List<Measurement> run(Session session) throws IOException, InterruptedException {
        long count = Math.max(Lane.PARTITIONS, Math.round(DOCUMENTS * session.scale()));
        FilledDocuments documents = new FilledDocuments(session.testbed().lane(), count);
        session.say("topic to store: " + count + " documents");
        documents.fill();
        Backlog backlog = new Backlog(OrderDocuments.digest(count), Lsn.ZERO);
        List<Measurement> measured = new ArrayList<>();
        for (Store store : stores) {
            measured.addAll(
                    switch (store) {
                        case ELASTICSEARCH -> elasticsearch(session, documents, backlog);
                        case REDIS -> redis(session, documents, backlog);
                        case SQL -> sql(session, documents, backlog);
                    });
        }
        return measured;
    }

    private List<Measurement> elasticsearch(Session session, FilledDocuments documents, Backlog backlog)
            throws IOException, InterruptedException {
        Function<Testbed, Place> place = testbed -> new ElasticsearchPlace(testbed.elasticsearchUrl(), nextName());
        List<Rounds.Entrant> entrants = new ArrayList<>(List.of(ours(documents, place)));
        for (int each : BULK_DOCUMENTS) {
            entrants.add(bare("bulk of " + each, documents, BareBulk.class, List.of(each + ""), place));
        }
        Map<String, List<Run>> runs = run(session, entrants, backlog);
        return List.of(against(runs, fastest(runs, "bulk of "), "Elasticsearch", 0.85, "parsing and printing JSON"));
    }

    private List<Measurement> redis(Session session, FilledDocuments documents, Backlog backlog)
            throws IOException, InterruptedException {
        Function<Testbed, Place> place = testbed -> new RedisPlace(testbed.redisUrl(), nextName());
        String script = "script, pipeline of " + SCRIPT_DEPTH;
        String set = "SET, pipeline of " + SET_DEPTH;
        Map<String, List<Run>> runs = run(
                session,
                List.of(
                        ours(documents, place),
                        bare(script, documents, BareRedis.class, List.of(SCRIPT_DEPTH + "", BareRedis.SCRIPT), place),
                        bare(set, documents, BareRedis.class, List.of(SET_DEPTH + "", BareRedis.SET), place)),
                backlog);
        String bound =
                "one connection: the script, while commands are made of records; reading Kafka takes turns with it";
        return List.of(against(runs, script, "Redis", 0.7, bound), against(runs, set, "Redis", 0.35, bound));
    }

    private List<Measurement> sql(Session session, FilledDocuments documents, Backlog backlog)
            throws IOException, InterruptedException {
        Function<Testbed, SqlPlace> place = testbed -> testbed.sqlPlace(nextName());
        List<Rounds.Entrant> entrants = new ArrayList<>(List.of(ours(documents, place)));
        for (int each : MERGE_DOCUMENTS) {
            entrants.add(bare("COPY and merge of " + each, documents, BareMerge.class, List.of(each + ""), place));
        }
        jdbcSink.ifPresent(plugin -> List.of(false, true)
                .forEach(unnest -> entrants.add(
                        testbed -> new JdbcSink(testbed, plugin, unnest, documents, place.apply(testbed)))));
        Map<String, List<Run>> runs = run(session, entrants, backlog);
        String bound = "the server; reading Kafka takes turns with it";
        List<Measurement> measured = new ArrayList<>();
        measured.add(against(runs, fastest(runs, "COPY and merge of "), "SQL", 0.8, bound));
        if (jdbcSink.isPresent()) {
            measured.add(against(runs, "debezium jdbc sink", "SQL", 2, bound));
            measured.add(against(runs, "debezium jdbc sink, unnest", "SQL", 1.1, bound));
        }
        return measured;
    }

    private static Map<String, List<Run>> run(Session session, List<Rounds.Entrant> entrants, Backlog backlog)
            throws IOException, InterruptedException {
        return Rounds.run(session.testbed(), session.pairs(), entrants, () -> backlog, session.progress());
    }

    private Rounds.Entrant ours(FilledDocuments documents, Function<Testbed, ? extends Place> place) {
        return testbed -> new IntoStore(
                testbed,
                OURS,
                Worker.HEAP_MB,
                TidemarkDelivery.class,
                documents.lane().delivering(documents.count()).arguments(),
                place.apply(testbed));
    }

    private static Rounds.Entrant bare(
            String name,
            FilledDocuments documents,
            Class<?> main,
            List<String> options,
            Function<Testbed, ? extends Place> place) {
        List<String> arguments = new ArrayList<>(List.of(Long.toString(documents.count())));
        arguments.addAll(options);
        return testbed -> new IntoStore(testbed, name, BARE_HEAP_MB, main, arguments, place.apply(testbed));
    }

    private String nextName() {
        return "run_" + ++places;
    }

    /** Of peers that differ in the size of their batches the one that was best. */
    private static String fastest(Map<String, List<Run>> runs, String prefix) {
        return runs.keySet().stream()
                .filter(name -> name.startsWith(prefix))
                .min(Comparator.comparing(name -> Measurement.medianSeconds(runs.getOrDefault(name, List.of()))))
                .orElseThrow();
    }

    private static Measurement against(
            Map<String, List<Run>> runs, String peer, String store, double target, String bound) {
        return Measurement.ratio("documents into " + store + ": " + peer, runs, OURS, peer, target, bound);
    }
}
