package io.tidemark.localstack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One server process that can be hurt and revived: {@link #kill()}, {@link #pause()}, {@link #restart()}.
 * Its data and, unless it is moved, its port stay the same for the life of the stack.
 * What fails throws a {@link LocalStackException} with the end of the server's log.
 */
public abstract sealed class Server
        permits PostgresServer, KafkaBroker, ElasticsearchServer, RedisServer, ConnectWorker {

    private static final Logger LOG = LoggerFactory.getLogger(Server.class);
    private static final Duration STOP_BOUND = Duration.ofSeconds(30);
    private static final Duration KILL_BOUND = Duration.ofSeconds(10);
    private static final Duration PORT_BOUND = Duration.ofSeconds(5);
    private static final int PORTS_TO_TRY = 5;

    private final Site site;
    private final boolean portIsFixed;
    private volatile int port;
    private volatile @Nullable Supervisor process;
    private boolean paused;

    /** {@code fixedPort} 0 lets the server have a free one. */
    Server(Site site, int fixedPort) {
        this.site = site;
        this.portIsFixed = fixedPort != 0;
        this.port = portIsFixed ? fixedPort : Ports.free();
    }

    /** Makes the data directory once, before the first start. */
    abstract void prepare() throws IOException;

    /** Writes the configuration for the present port and says what to run; called at each start. */
    abstract Supervisor.Launch launch() throws IOException;

    /** Asks the server; empty when it answers, else why it cannot be used yet. */
    abstract Optional<String> complaint();

    /** The signal that asks the server for an orderly stop. */
    String stopSignal() {
        return "TERM";
    }

    /** The server itself, when what was launched is only a launcher. */
    ProcessHandle serverBelow(ProcessHandle launched) {
        return launched;
    }

    Site site() {
        return site;
    }

    public ServerKind kind() {
        return site.kind();
    }

    /** The port on 127.0.0.1 that clients connect to. */
    public int port() {
        return port;
    }

    /** Everything the server printed, over all its starts. */
    public Path logFile() {
        return site.log();
    }

    public boolean isAlive() {
        Supervisor current = process;
        return current != null && current.isAlive();
    }

    /** The process id of the server itself, not of a shell or a launcher. */
    public long pid() {
        return serverBelow(running().server()).pid();
    }

    /** Kills the server and its children with SIGKILL and waits until they are gone. */
    public synchronized void kill() {
        Supervisor current = process;
        if (current == null || !current.isAlive()) {
            return;
        }
        List<ProcessHandle> family = current.family();
        Supervisor.signal("KILL", List.of(serverBelow(current.server())));
        Supervisor.signal("KILL", family);
        boolean ended = current.awaitEnd(KILL_BOUND)
                && Patience.of(KILL_BOUND).until(() -> family.stream().allMatch(Supervisor::isGone));
        paused = false;
        if (!ended) {
            throw failure(LocalStackException.Reason.NOT_STOPPED, "is still there after kill -9", null);
        }
    }

    /** Stops the server in its tracks with SIGSTOP: connections stay open and nothing answers. */
    public synchronized void pause() {
        Supervisor current = running();
        Supervisor.signal("STOP", List.of(current.server()));
        Supervisor.signal("STOP", current.family()); // after the server itself, so that no child is born unnoticed
        paused = true;
    }

    /** Lets a paused server go on. */
    public synchronized void resume() {
        Supervisor.signal("CONT", running().family());
        paused = false;
    }

    /** Stops the server in order; does nothing when it is not running. Killed, and a failure, when it does not stop. */
    public synchronized void stop() {
        Supervisor current = process;
        if (current == null || !current.isAlive()) {
            return;
        }
        if (paused) {
            resume();
        }
        Supervisor.signal(stopSignal(), List.of(serverBelow(current.server())));
        if (!current.awaitEnd(STOP_BOUND)) {
            kill();
            throw failure(
                    LocalStackException.Reason.NOT_STOPPED,
                    "did not stop within " + STOP_BOUND.toSeconds() + " s and was killed",
                    null);
        }
    }

    /** Stops the server if it runs, then starts it on the same data and port; returns when it answers. */
    public synchronized void restart() {
        stop();
        launchAndWait();
    }

    /** Restarts the server at another port. */
    public synchronized void restartOn(int newPort) {
        stop();
        port = newPort;
        launchAndWait();
    }

    /** Restarts the server at a free port, other than the present one. */
    public synchronized void restartOnFreePort() {
        restartOn(Ports.free());
    }

    /** First start: a port that was our choice is chosen again when somebody else was quicker. */
    synchronized void start() {
        try {
            prepare();
        } catch (IOException e) {
            throw failure(LocalStackException.Reason.DIRECTORY, "cannot set up " + site.directory() + ": " + e, e);
        }
        for (int triesLeft = portIsFixed ? 1 : PORTS_TO_TRY; !startedOnPort(triesLeft > 1); triesLeft--) {
            port = Ports.free();
        }
    }

    private boolean startedOnPort(boolean mayFail) {
        try {
            launchAndWait();
            return true;
        } catch (LocalStackException e) {
            if (mayFail && e.reason() == LocalStackException.Reason.PORT_TAKEN) {
                return false;
            }
            throw e;
        }
    }

    private void launchAndWait() {
        if (!Patience.of(process == null ? Duration.ZERO : PORT_BOUND).until(() -> Ports.isFree(port))) {
            throw portTaken();
        }
        try {
            ServerLog log = ServerLog.from(site.log());
            Supervisor started = Supervisor.start(launch());
            process = started;
            paused = false;
            awaitAnswer(started, log);
        } catch (IOException e) {
            throw failure(LocalStackException.Reason.FAILED, "cannot be started: " + e, e);
        }
        LOG.info("{} answers on port {}, process {}", site.name(), port, pid());
    }

    private void awaitAnswer(Supervisor started, ServerLog log) {
        try {
            boolean settled = Patience.of(site.patience())
                    .until(() -> !started.isAlive() || complaint().isEmpty());
            if (!started.isAlive()) {
                throw log.complainsOfPort() ? portTaken() : endedEarly(started, log);
            }
            if (!settled) {
                throw notReady(log);
            }
        } catch (LocalStackException e) {
            kill();
            throw e;
        }
    }

    private LocalStackException portTaken() {
        return failure(
                LocalStackException.Reason.PORT_TAKEN,
                "cannot listen on 127.0.0.1:" + port
                        + ": another process does. Stop that process or choose another port",
                null);
    }

    private LocalStackException endedEarly(Supervisor started, ServerLog log) {
        String what = "ended with exit code " + started.exitCode() + " while it started";
        return failure(LocalStackException.Reason.ENDED_EARLY, withLog(what, log), null);
    }

    private LocalStackException notReady(ServerLog log) {
        String what = "did not answer on port " + port + " within "
                + site.patience().toSeconds() + " s (" + complaint().orElse("it does now") + ")";
        return failure(LocalStackException.Reason.NOT_READY, withLog(what, log), null);
    }

    /** The log of a stack that is only for now is deleted with it: then nobody is sent to look for it. */
    private String withLog(String what, ServerLog log) {
        Path shown = site.durable() ? log.file() : log.file().getFileName();
        return what + ". The end of its log " + shown + ":\n" + log.tail();
    }

    LocalStackException failure(LocalStackException.Reason reason, String what, @Nullable Throwable cause) {
        return new LocalStackException(reason, kind().title() + " (" + site.name() + ") " + what, cause);
    }

    private Supervisor running() {
        Supervisor current = process;
        if (current == null || !current.isAlive()) {
            throw failure(LocalStackException.Reason.FAILED, "is not running", null);
        }
        return current;
    }

    /** A directory below the server's own, for the server's user; made if missing. */
    Path ownDirectory(String name) throws IOException {
        Path made = Files.createDirectories(site.directory().resolve(name));
        site.account().own(made);
        return made;
    }
}
