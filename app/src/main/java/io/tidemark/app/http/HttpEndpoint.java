package io.tidemark.app.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.tidemark.app.config.HttpConfig;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers GET and HEAD on one address, in a few threads. A route may answer later, from any thread: who waits holds a
 * connection and no thread.
 */
public final class HttpEndpoint implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(HttpEndpoint.class);
    private static final int THREADS = 4;
    private static final int CONNECTIONS_TO_ACCEPT = 1000;
    private static final List<String> METHODS = List.of("GET", "HEAD");
    private static final int HEADERS_ONLY = -1;

    static {
        // Read once, when the JDK's server is first used; what the user sets is left alone.
        Properties properties = System.getProperties();
        // Who sends half a request keeps a thread for so many seconds.
        properties.putIfAbsent("sun.net.httpserver.maxReqTime", "5");
        // Else the end of each answer waits for the acknowledgement of its beginning.
        properties.putIfAbsent("sun.net.httpserver.nodelay", "true");
    }

    private final HttpServer server;
    private final ExecutorService threads;

    private HttpEndpoint(HttpServer server) {
        this.server = server;
        AtomicInteger number = new AtomicInteger();
        this.threads = Executors.newFixedThreadPool(THREADS, work -> {
            Thread thread = new Thread(work, "tidemark-http-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
        server.setExecutor(threads);
    }

    /** How a path answers. */
    @FunctionalInterface
    public interface Route {

        /**
         * Answers now or later.
         *
         * @throws TidemarkException USAGE or CONFIGURATION when the request is wrong
         */
        CompletableFuture<Answer> answer(Query query);
    }

    /**
     * Takes the address; requests wait until {@link #start}.
     *
     * @throws TidemarkException CONFIGURATION when it cannot be had
     */
    public static HttpEndpoint bind(HttpConfig config) {
        InetSocketAddress address = new InetSocketAddress(config.host(), config.port());
        if (address.isUnresolved()) {
            throw cannotListen(config, "there is no host " + config.host(), null);
        }
        try {
            return new HttpEndpoint(HttpServer.create(address, CONNECTIONS_TO_ACCEPT));
        } catch (IOException e) {
            throw cannotListen(config, String.valueOf(e.getMessage()), e);
        }
    }

    private static TidemarkException cannotListen(HttpConfig config, String why, @Nullable Exception cause) {
        return new TidemarkException(
                ErrorCode.CONFIGURATION,
                "Cannot listen on " + config.host() + ":" + config.port() + " (" + why
                        + "): set http.listen to an address of this machine that is free",
                cause);
    }

    /** Adds a path; before {@link #start}. */
    public void add(String path, Route route) {
        server.createContext(path, exchange -> handle(exchange, path, route));
    }

    /** Begins to answer. */
    public void start() {
        server.createContext(
                "/", exchange -> send(exchange, Answer.error(Answer.NOT_FOUND, "there is nothing at this path")));
        server.start();
    }

    /** Where it listens: {@code http://127.0.0.1:8085}. */
    public String url() {
        InetSocketAddress address = server.getAddress();
        String host = address.getAddress().getHostAddress();
        return "http://" + (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
    }

    private void handle(HttpExchange exchange, String path, Route route) {
        if (!exchange.getRequestURI().getPath().equals(path)) {
            send(exchange, Answer.error(Answer.NOT_FOUND, "there is nothing at this path"));
        } else if (!METHODS.contains(exchange.getRequestMethod())) {
            exchange.getResponseHeaders().set("Allow", String.join(", ", METHODS));
            send(exchange, Answer.error(Answer.NOT_ALLOWED, "only GET and HEAD are answered"));
        } else {
            var unused = answer(exchange, route)
                    .exceptionally(HttpEndpoint::failure)
                    .thenAcceptAsync(answer -> send(exchange, answer), threads);
        }
    }

    private static CompletableFuture<Answer> answer(HttpExchange exchange, Route route) {
        try {
            return route.answer(Query.parse(exchange.getRequestURI().getRawQuery()));
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private static Answer failure(Throwable thrown) {
        Throwable reason =
                thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
        if (reason instanceof TidemarkException known) {
            boolean theirs = known.code() == ErrorCode.USAGE || known.code() == ErrorCode.CONFIGURATION;
            return Answer.error(theirs ? Answer.BAD_REQUEST : Answer.UNAVAILABLE, String.valueOf(known.getMessage()));
        }
        LOG.warn("A request failed", reason);
        return Answer.error(Answer.FAILED, "internal error; the log has the details");
    }

    private static void send(HttpExchange exchange, Answer answer) {
        byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
        boolean bodiless = exchange.getRequestMethod().equals("HEAD");
        try (exchange) {
            exchange.getResponseHeaders().set("Content-Type", answer.contentType());
            exchange.getResponseHeaders().set("Cache-Control", "no-store");
            exchange.sendResponseHeaders(answer.status(), bodiless ? HEADERS_ONLY : body.length);
            if (!bodiless) {
                exchange.getResponseBody().write(body);
            }
        } catch (IOException e) {
            LOG.debug("A client did not wait for its answer", e);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
