package io.tidemark.localstack;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A server's process under a small shell of its own.
 * The shell holds a pipe to this JVM; when the pipe ends, however the JVM ended, it kills the server and all its processes.
 * Shell and server are a process group of their own, so that a Ctrl-C meant for this JVM does not reach them.
 */
final class Supervisor {

    /**
     * Hands its standard output on as descriptor 4, and says the server's exit code there. Children of a server may have left its
     * group (PostgreSQL's do, and stopped ones cannot notice that they are orphans): they are killed one by one.
     */
    private static final String SCRIPT = """
            exec 3<&0 4>&1 </dev/null >&2
            "$@" 3<&- &
            server=$!
            {
              read -r line <&3
              children=$(cat /proc/$server/task/*/children 2>/dev/null || pgrep -P $server)
              kill -s KILL -- $server $children -$$
            } 4>&- &
            exec 3<&-
            wait $server
            echo $? >&4
            kill -s KILL -- -$$
            """;

    /** Becomes the server, as its user; says its pid first. */
    private static final String SERVER = """
            echo $$ >&4
            exec "$@" 4>&-
            """;

    /** Where there is no setsid: job control gives the shell above a group of its own. */
    private static final String OWN_GROUP = """
            trap : HUP INT TERM
            set -m
            exec 3<&0
            "$@" <&3 3<&- &
            exec 3<&-
            while kill -s 0 $! 2>/dev/null; do wait $!; done
            """;

    /**
     * What to run.
     *
     * @param account whom to run it as
     * @param environment all the server gets beside PATH: what surrounds this JVM must not change a server
     * @param log where its output is appended
     */
    record Launch(Account account, List<String> command, Map<String, String> environment, Path directory, Path log) {}

    private final Process shell;
    private final BufferedReader says;
    private final ProcessHandle server;

    private Supervisor(Process shell, BufferedReader says, ProcessHandle server) {
        this.shell = shell;
        this.says = says;
        this.server = server;
    }

    static Supervisor start(Launch launch) throws IOException {
        Process shell = builder(launch).start();
        BufferedReader says = shell.inputReader();
        String pid = says.readLine();
        if (pid == null) {
            throw new IOException("The shell that runs " + launch.command().get(0) + " ended at once");
        }
        return new Supervisor(shell, says, handle(Long.parseLong(pid), shell));
    }

    /** A server that ended already has no handle any more; its shell, which ends as well, stands for it. */
    private static ProcessHandle handle(long pid, Process shell) {
        return ProcessHandle.of(pid).orElse(shell.toHandle());
    }

    private static ProcessBuilder builder(Launch launch) {
        List<String> command = new ArrayList<>(ownGroup());
        command.addAll(List.of("sh", "-c", SCRIPT, "tidemark-supervisor"));
        command.addAll(launch.account().command(List.of("sh", "-c", SERVER, "tidemark-server")));
        command.addAll(launch.command());
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(launch.directory().toFile())
                .redirectError(ProcessBuilder.Redirect.appendTo(launch.log().toFile()));
        builder.environment().keySet().retainAll(List.of("PATH", "TZ"));
        builder.environment().putAll(launch.environment());
        return builder;
    }

    private static List<String> ownGroup() {
        boolean setsid =
                Stream.of("/usr/bin/setsid", "/bin/setsid").anyMatch(path -> Files.isExecutable(Path.of(path)));
        return setsid ? List.of("setsid") : List.of("sh", "-c", OWN_GROUP, "tidemark-group");
    }

    /** The process started; with a launcher in front of the server, the launcher. */
    ProcessHandle server() {
        return server;
    }

    boolean isAlive() {
        return shell.isAlive();
    }

    /** Waits for the end of the server, and says whether it came in time. */
    boolean awaitEnd(Duration bound) {
        try {
            return shell.waitFor(bound.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw Patience.interrupted(e);
        }
    }

    /** The exit code of a server that has ended, as text for people. */
    String exitCode() {
        try {
            String code = says.readLine();
            return code == null ? "unknown" : code;
        } catch (IOException e) {
            return "unknown";
        }
    }

    /** The server and every process below it, the server first. */
    List<ProcessHandle> family() {
        return Stream.concat(Stream.of(server), server.descendants()).toList();
    }

    /** Whether the process has ended; one that its parent has not asked after yet (a zombie) has. */
    static boolean isGone(ProcessHandle process) {
        return !process.isAlive() || isZombie(process.pid());
    }

    private static boolean isZombie(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            return stat.startsWith("Z", stat.lastIndexOf(')') + 2);
        } catch (IOException e) {
            return false;
        }
    }

    /** Sends a signal such as {@code STOP}; who is gone already is passed over. */
    static void signal(String name, List<ProcessHandle> processes) {
        List<String> command = new ArrayList<>(List.of("sh", "-c", "kill -s \"$0\" -- \"$@\"", name));
        processes.forEach(process -> command.add(Long.toString(process.pid())));
        Command.run(command);
    }
}
