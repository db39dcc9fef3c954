package io.tidemark.app;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** Ends TLS in front of a server on loopback that speaks without, and lets nobody pass whose first request does not please. */
final class TlsFront implements AutoCloseable {

    private static final char[] PASSWORD = "front".toCharArray();
    private static final String END_OF_HEADERS = "\r\n\r\n";
    private static final String SAID =
            "{'error':{'type':'security_exception','reason':'unable to authenticate'}}".replace('\'', '"');
    private static final byte[] REFUSED =
            """
            HTTP/1.1 401 Unauthorized
            content-type: application/json
            content-length: %d
            connection: close

            %s""".formatted(SAID.length(), SAID).replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII);

    private final ServerSocket listening;
    private final int serverPort;
    private final Predicate<String> lets;
    private final Set<Closeable> open = ConcurrentHashMap.newKeySet();

    private TlsFront(ServerSocket listening, int serverPort, Predicate<String> lets) {
        this.listening = listening;
        this.serverPort = serverPort;
        this.lets = lets;
    }

    /** Lets everybody pass. */
    static TlsFront of(int serverPort, String certificate, String key) {
        return start(serverPort, certificate, key, null);
    }

    /** Lets those pass whose first HTTP request has this header. */
    static TlsFront asking(int serverPort, String certificate, String key, String header) {
        return start(serverPort, certificate, key, request -> request.contains("\r\n" + header + "\r\n"));
    }

    private static TlsFront start(int serverPort, String certificate, String key, Predicate<String> lets) {
        try {
            ServerSocket listening = context(certificate, key)
                    .getServerSocketFactory()
                    .createServerSocket(0, 50, InetAddress.getLoopbackAddress());
            TlsFront front = new TlsFront(listening, serverPort, lets);
            daemon(front::accept);
            return front;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static SSLContext context(String certificate, String key) throws IOException, GeneralSecurityException {
        Certificate parsed = CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(certificate.getBytes(StandardCharsets.US_ASCII)));
        String body = key.replaceAll("-----[A-Z ]+-----", "");
        PrivateKey secret = KeyFactory.getInstance("EC")
                .generatePrivate(new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(body)));
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("front", secret, PASSWORD, new Certificate[] {parsed});
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    int port() {
        return listening.getLocalPort();
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Socket client = listening.accept();
                open.add(client);
                daemon(() -> serve(client));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket client) {
        try (client) {
            byte[] first = lets == null ? new byte[0] : firstRequest(client.getInputStream());
            if (lets != null && !lets.test(new String(first, StandardCharsets.ISO_8859_1))) {
                client.getOutputStream().write(REFUSED);
                return;
            }
            try (Socket server = new Socket(InetAddress.getLoopbackAddress(), serverPort)) {
                open.add(server);
                daemon(() -> pass(server, client));
                server.getOutputStream().write(first);
                pass(client, server);
            }
        } catch (IOException refusedOrGone) {
            // A client that does not trust this one hangs up.
            open.remove(client);
        }
    }

    private static byte[] firstRequest(InputStream in) throws IOException {
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        while (!request.toString(StandardCharsets.ISO_8859_1).contains(END_OF_HEADERS)) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("It ends before its headers do");
            }
            request.write(next);
        }
        return request.toByteArray();
    }

    private void pass(Socket from, Socket to) {
        try (from;
                to) {
            OutputStream out = to.getOutputStream();
            byte[] buffer = new byte[64 << 10];
            for (int read = from.getInputStream().read(buffer);
                    read >= 0;
                    read = from.getInputStream().read(buffer)) {
                out.write(buffer, 0, read);
                out.flush();
            }
        } catch (IOException gone) {
            open.remove(from);
        }
    }

    private static void daemon(Runnable work) {
        Thread thread = new Thread(work, "tls-front");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        open.add(listening);
        for (Closeable each : List.copyOf(open)) {
            try {
                each.close();
            } catch (IOException gone) {
                open.remove(each);
            }
        }
    }
}
