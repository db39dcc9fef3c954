package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.demo.ShopSchema;
import io.tidemark.app.demo.ShopTraffic;
import io.tidemark.app.run.Slice;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code tidemark project} beside {@code tidemark capture}, as processes of their own. */
class ProjectIT {

    private static final long SEED = 20_261_122;
    private static final int USAGE = 2;

    @TempDir
    private Path directory;

    private final List<MainProcess> processes = new ArrayList<>();

    @AfterEach
    void end() throws Exception {
        for (MainProcess process : processes) {
            process.kill();
        }
    }

    @Test
    void processes_share_documents_come_and_go_and_nothing_is_lost() throws Exception {
        try (Slice slice = new Slice(directory, "shop")) {
            slice.seedShop(SEED, 20, 10, 50);
            String documents = slice.plan().models().get(0).name();
            MainProcess all = project(slice, "all");
            all.awaitSaying("waiting for the first capture");
            MainProcess capture = start(slice, "capture");
            all.awaitSaying("projecting " + documents + ", ");
            MainProcess helper = project(slice, "helper", documents);
            helper.awaitSaying("projecting " + documents + ".");
            awaitMembers(slice, documents, 2);
            traffic(slice, 40);
            requireNoDrift(slice);

            all.kill();
            traffic(slice, 40);
            MainProcess successor = project(slice, "all");
            successor.awaitSaying("projecting ");
            requireNoDrift(slice);

            String mirror = slice.plan().models().get(1).name();
            MainProcess rival = project(slice, "rival", mirror);
            assertThat(successor.awaitEnd()).as(successor.said()).isEqualTo(1);
            assertThat(successor.said())
                    .contains("Another writer took over " + mirror)
                    .contains("name the models of each");
            rival.requireAlive();
            traffic(slice, 40);
            requireNoDrift(slice);

            for (MainProcess process : List.of(helper, rival, capture)) {
                process.askToStop();
                assertThat(process.awaitEnd()).as(process.said()).isEqualTo(143);
            }
        }
    }

    @Test
    void what_cannot_be_projected_is_refused() throws Exception {
        Path file = directory.resolve("tidemark.yml");
        try (Slice slice = new Slice(directory, "shop")) {
            try (Connection connection = slice.source()) {
                ShopSchema.create(connection);
            }
            String text = Files.readString(slice.configFile());
            Files.writeString(file, text.substring(0, text.indexOf("read-models:")));
            assertThat(refusal("-c", file.toString())).contains("There are no read-models in " + file);
            assertThat(refusal("-c", slice.configFile().toString(), "invoices"))
                    .contains("No read model 'invoices'")
                    .contains(slice.plan().models().get(0).name());
        }
    }

    private static String refusal(String... arguments) {
        StringWriter err = new StringWriter();
        List<String> command = new ArrayList<>(List.of("project"));
        command.addAll(List.of(arguments));
        int exitCode =
                Main.run(new PrintWriter(new StringWriter()), new PrintWriter(err), command.toArray(String[]::new));
        assertThat(exitCode).as(err.toString()).isEqualTo(USAGE);
        return err.toString();
    }

    /** Each has a part of the documents in both stores. */
    private static void awaitMembers(Slice slice, String model, int members) {
        List<String> groups = List.of("search", "cache").stream()
                .map(store -> slice.plan().topics().prefix() + "." + model + "." + store)
                .toList();
        Awaitility.await("members of " + groups).until(() -> sharesOfGroups(slice, groups).stream()
                .allMatch(shares -> shares.size() == members && !shares.contains(0)));
    }

    /** How many partitions each member has, by group. */
    private static List<List<Integer>> sharesOfGroups(Slice slice, List<String> groups)
            throws ExecutionException, InterruptedException {
        try (Admin admin = Admin.create(new HashMap<>(slice.plan().kafkaClient()))) {
            Map<String, ConsumerGroupDescription> found =
                    admin.describeConsumerGroups(groups).all().get();
            return found.values().stream()
                    .map(group -> group.members().stream()
                            .map(member -> member.assignment().topicPartitions().size())
                            .toList())
                    .toList();
        }
    }

    private static void traffic(Slice slice, int transactions) {
        ShopTraffic.Outcome outcome =
                new ShopTraffic(slice::source).run(new ShopTraffic.Plan(SEED, transactions, 60, 2), commit -> {});
        assertThat(outcome.total()).isPositive();
    }

    private void requireNoDrift(Slice slice) {
        Commands commands = new Commands(slice);
        assertThat(commands.run("reconcile", "--all", "--timeout", "60"))
                .as(() -> commands + "\n"
                        + processes.stream().map(MainProcess::said).toList())
                .isZero();
    }

    private MainProcess project(Slice slice, String state, String... models) throws IOException {
        List<String> arguments =
                new ArrayList<>(List.of("--state", directory.resolve(state).toString()));
        arguments.addAll(List.of(models));
        return start(slice, "project", arguments.toArray(String[]::new));
    }

    private MainProcess start(Slice slice, String command, String... arguments) throws IOException {
        List<String> all =
                new ArrayList<>(List.of(command, "-v", "-c", slice.configFile().toString()));
        all.addAll(List.of(arguments));
        MainProcess process = MainProcess.start(directory, all.toArray(String[]::new));
        processes.add(process);
        return process;
    }
}
