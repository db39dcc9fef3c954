package io.tidemark.app.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.app.config.HttpConfig;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HttpEndpointIT {

    private static final int WAITING = 300;

    private final HttpClient client = HttpClient.newHttpClient();
    private final List<CompletableFuture<Answer>> later = new CopyOnWriteArrayList<>();
    private HttpEndpoint endpoint;

    private static HttpConfig on(int port) {
        return new HttpConfig("127.0.0.1", port, Duration.ofMinutes(1));
    }

    @BeforeEach
    void start() {
        endpoint = HttpEndpoint.bind(on(0));
        endpoint.add(
                "/now",
                query -> CompletableFuture.completedFuture(new Answer(
                        Answer.OK,
                        "text/plain; charset=utf-8",
                        "é" + query.optional("a").orElse(""))));
        endpoint.add("/later", query -> {
            CompletableFuture<Answer> answer = new CompletableFuture<>();
            later.add(answer);
            return answer;
        });
        endpoint.add("/broken", query -> {
            throw new IllegalStateException("canary");
        });
        endpoint.add(
                "/away",
                query -> CompletableFuture.failedFuture(new TidemarkException(ErrorCode.UNREACHABLE, "Redis is away")));
        endpoint.start();
    }

    @AfterEach
    void close() {
        endpoint.close();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(endpoint.url() + path));
    }

    private HttpResponse<String> get(String path) throws Exception {
        return client.send(request(path).build(), BodyHandlers.ofString());
    }

    @Test
    void it_answers_by_path_and_only_what_reads() throws Exception {
        assertThat(get("/now?a=1").body()).isEqualTo("é1");
        assertThat(get("/now?a=1").headers().firstValue("Content-Type")).contains("text/plain; charset=utf-8");
        for (String path : List.of("/", "/nowhere", "/now/", "/now/x", "/nowx")) {
            assertThat(get(path).statusCode()).as(path).isEqualTo(404);
        }
        assertThat(client.send(
                                request("/now")
                                        .POST(BodyPublishers.ofString("a"))
                                        .build(),
                                BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(405);
        HttpResponse<String> head = client.send(
                request("/now").method("HEAD", BodyPublishers.noBody()).build(), BodyHandlers.ofString());
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
    }

    @Test
    void what_goes_wrong_is_said_and_what_nobody_foresaw_is_not_shown() throws Exception {
        HttpResponse<String> wrong = get("/now?a");
        assertThat(wrong.statusCode()).isEqualTo(400);
        assertThat(wrong.body()).isEqualTo("{\"error\":\"'a' is no parameter of the form name=value\"}\n");
        assertThat(get("/away").statusCode()).isEqualTo(503);
        assertThat(get("/away").body()).contains("Redis is away");
        HttpResponse<String> broken = get("/broken");
        assertThat(broken.statusCode()).isEqualTo(500);
        assertThat(broken.body()).doesNotContain("canary").contains("internal error");
    }

    @Test
    void who_waits_holds_no_thread() throws Exception {
        List<CompletableFuture<HttpResponse<String>>> waiting = new ArrayList<>();
        for (int i = 0; i < WAITING; i++) {
            waiting.add(client.sendAsync(request("/later").build(), BodyHandlers.ofString()));
        }
        Awaitility.await().until(() -> later.size() == WAITING);
        assertThat(get("/now").statusCode()).isEqualTo(200);
        long threads = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("tidemark-http-"))
                .count();
        assertThat(threads).isBetween(1L, 8L);
        later.forEach(answer -> answer.complete(new Answer(Answer.NOT_IN_TIME, "text/plain", "late")));
        for (CompletableFuture<HttpResponse<String>> each : waiting) {
            assertThat(each.get(30, TimeUnit.SECONDS).statusCode()).isEqualTo(504);
        }
    }

    @Test
    void who_sends_half_a_request_keeps_nobody_else_out() throws Exception {
        List<Socket> slow = new ArrayList<>();
        try {
            for (int i = 0; i < 10; i++) {
                Socket socket = new Socket(
                        InetAddress.getLoopbackAddress(),
                        URI.create(endpoint.url()).getPort());
                slow.add(socket);
                socket.getOutputStream().write("GET /now HTTP/1.1\r\nHost: ".getBytes(StandardCharsets.US_ASCII));
            }
            HttpResponse<String> answer =
                    client.send(request("/now").timeout(Duration.ofSeconds(45)).build(), BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(200);
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
    }

    @Test
    void an_address_that_cannot_be_had_is_a_wrong_configuration() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> HttpEndpoint.bind(on(taken.getLocalPort())))
                    .hasMessageContaining("Cannot listen on 127.0.0.1:" + taken.getLocalPort())
                    .hasMessageContaining("set http.listen to an address of this machine that is free")
                    .asInstanceOf(InstanceOfAssertFactories.type(TidemarkException.class))
                    .extracting(TidemarkException::code)
                    .isEqualTo(ErrorCode.CONFIGURATION);
        }
        assertThatThrownBy(() -> HttpEndpoint.bind(new HttpConfig("no.such.invalid", 1, Duration.ofMinutes(1))))
                .hasMessageContaining("there is no host no.such.invalid");
        // An address for documentation: nobody's.
        assertThatThrownBy(() -> HttpEndpoint.bind(new HttpConfig("192.0.2.1", 1, Duration.ofMinutes(1))))
                .hasMessageContaining("Cannot listen on 192.0.2.1:1");
    }
}
