package io.tidemark.testkit;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;

/**
 * A TCP proxy on loopback through which a test can hold up what passes, or lose an answer together with its connection.
 * Connections to a server that is down are reset.
 */
public final class TcpProxy implements AutoCloseable {

    private static final int BUFFER_BYTES = 64 << 10;
    private static final CountDownLatch OPEN = new CountDownLatch(0);

    private final ServerSocket listening;
    private final IntSupplier serverPort;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final AtomicInteger answersUntilLoss = new AtomicInteger();
    private volatile boolean lost;
    private volatile CountDownLatch gate = OPEN;

    private TcpProxy(ServerSocket listening, IntSupplier serverPort) {
        this.listening = listening;
        this.serverPort = serverPort;
    }

    /** Listens on a free port for a server on loopback, whose port is asked for at each connection. */
    public static TcpProxy to(IntSupplier serverPort) {
        try {
            TcpProxy proxy = new TcpProxy(new ServerSocket(0, 0, InetAddress.getLoopbackAddress()), serverPort);
            daemon("accept", proxy::accept);
            return proxy;
        } catch (IOException e) {
            throw new UncheckedIOException("A proxy cannot listen", e);
        }
    }

    public int port() {
        return listening.getLocalPort();
    }

    /**
     * Resets a connection instead of passing on the nth piece, as it is read, of what servers send from now on, counted
     * from 1. 0 takes that back.
     */
    public void loseAnswer(int nth) {
        lost = false;
        answersUntilLoss.set(nth);
    }

    /** Whether an answer was lost since {@link #loseAnswer}. */
    public boolean answerWasLost() {
        return lost;
    }

    /** From now on nothing passes, in either direction. */
    public void hold() {
        gate = new CountDownLatch(1);
    }

    public void release() {
        gate.countDown();
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                connect(listening.accept());
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void connect(Socket client) {
        sockets.add(client);
        try {
            Socket server = new Socket(InetAddress.getLoopbackAddress(), serverPort.getAsInt());
            sockets.add(server);
            client.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
            daemon("requests", () -> pass(client, server, false));
            daemon("answers", () -> pass(server, client, true));
        } catch (IOException down) {
            reset(client);
        }
    }

    private void pass(Socket from, Socket to, boolean answers) {
        byte[] buffer = new byte[BUFFER_BYTES];
        try {
            int read = from.getInputStream().read(buffer);
            while (read >= 0) {
                gate.await();
                if (answers && answersUntilLoss.getAndUpdate(left -> Math.max(0, left - 1)) == 1) {
                    lost = true;
                    break;
                }
                to.getOutputStream().write(buffer, 0, read);
                read = from.getInputStream().read(buffer);
            }
        } catch (IOException broken) {
            // One side is gone; so is the other, now.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        reset(to);
        reset(from);
    }

    private void reset(Socket socket) {
        sockets.remove(socket);
        try {
            socket.setSoLinger(true, 0);
        } catch (IOException closed) {
            return;
        }
        close(socket);
    }

    private static void close(Closeable socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new IllegalStateException("A proxy's socket cannot be closed", e);
        }
    }

    private static void daemon(String name, Runnable task) {
        Thread thread = new Thread(task, "proxy-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        release();
        close(listening);
        sockets.forEach(this::reset);
    }
}
