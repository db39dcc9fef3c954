package io.tidemark.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/** Runs contenders by turns over one backlog, so that what the machine does besides hurts all of them. */
final class Rounds {

    private Rounds() {}

    /** Makes one more run of a program. */
    interface Entrant extends Function<Testbed, Contender> {}

    /**
     * Every entrant once a round, in reverse order every second round.
     *
     * @param backlog writes what is to be delivered, when every slot is there
     * @return the runs by contender, in the order of the rounds
     */
    static Map<String, List<Run>> run(
            Testbed testbed, int rounds, List<Entrant> entrants, Supplier<Backlog> backlog, Consumer<String> progress)
            throws IOException, InterruptedException {
        List<List<Contender>> contenders = prepare(testbed, rounds, entrants);
        Map<String, List<Run>> runs = new LinkedHashMap<>();
        contenders.get(0).forEach(each -> runs.put(each.name(), new ArrayList<>()));
        Backlog written = backlog.get();
        for (int round = 0; round < rounds; round++) {
            List<Contender> order = new ArrayList<>(contenders.get(round));
            if (round % 2 == 1) {
                Collections.reverse(order);
            }
            for (Contender contender : order) {
                try (contender) {
                    Run run = contender.run(written);
                    runs.getOrDefault(contender.name(), new ArrayList<>()).add(run);
                    progress.accept(line(contender.name(), run));
                }
            }
        }
        return runs;
    }

    private static String line(String name, Run run) {
        return String.format(
                Locale.ROOT,
                "  %-26s %10.0f rows/s %8.2f s %8.1f CPU s per million",
                name,
                run.rowsPerSecond(),
                run.seconds(),
                run.cpuSecondsPerMillion());
    }

    private static List<List<Contender>> prepare(Testbed testbed, int rounds, List<Entrant> entrants) {
        List<List<Contender>> contenders = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            List<Contender> made =
                    entrants.stream().map(entrant -> entrant.apply(testbed)).toList();
            made.forEach(Contender::prepare);
            contenders.add(made);
        }
        return contenders;
    }
}
