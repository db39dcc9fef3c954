package io.tidemark.localstack;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A Redis server. It writes to disk only when the stack is durable; otherwise a kill or restart empties it. */
public final class RedisServer extends Server {

    private static final int TIMEOUT_MS = 2_000;

    private final Path program;

    RedisServer(Site site, int fixedPort, Path program) {
        super(site, fixedPort);
        this.program = program;
    }

    /** The URL of the server's database 0. */
    public String url() {
        return "redis://127.0.0.1:" + port();
    }

    @Override
    void prepare() throws IOException {
        ownDirectory("data");
    }

    @Override
    Supervisor.Launch launch() {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        settings().forEach((name, value) -> command.addAll(List.of("--" + name, value)));
        return new Supervisor.Launch(site().account(), command, Map.of(), site().directory(), site().log());
    }

    @Override
    Optional<String> complaint() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port()), TIMEOUT_MS);
            socket.setSoTimeout(TIMEOUT_MS);
            socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
            return answer(socket.getInputStream());
        } catch (IOException e) {
            return Optional.of(e.toString());
        }
    }

    private static Optional<String> answer(InputStream in) throws IOException {
        String answer = new String(in.readNBytes(5), StandardCharsets.US_ASCII);
        boolean alive = answer.equals("+PONG") || answer.startsWith("-NOAU"); // a password asked for is an answer
        return alive ? Optional.empty() : Optional.of("it said " + answer);
    }

    private Map<String, String> settings() {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("bind", "127.0.0.1");
        all.put("dir", site().directory().resolve("data").toString());
        all.put("save", "");
        all.put("appendonly", site().durable() ? "yes" : "no");
        all.putAll(site().settings());
        all.put("port", Integer.toString(port()));
        return all;
    }
}
