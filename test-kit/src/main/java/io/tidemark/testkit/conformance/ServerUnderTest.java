package io.tidemark.testkit.conformance;

import io.tidemark.localstack.Server;
import io.tidemark.testkit.TcpProxy;

/** A store on a real server, with a proxy between it and the writers. */
public abstract class ServerUnderTest implements StoreUnderTest {

    private final Server server;
    private final TcpProxy proxy;

    protected ServerUnderTest(Server server) {
        this.server = server;
        this.proxy = TcpProxy.to(server::port);
    }

    /** Where writers connect to, on 127.0.0.1. */
    protected final int proxyPort() {
        return proxy.port();
    }

    @Override
    public void loseAnswer(int nth) {
        proxy.loseAnswer(nth);
    }

    @Override
    public boolean answerWasLost() {
        return proxy.answerWasLost();
    }

    @Override
    public void hold() {
        proxy.hold();
    }

    @Override
    public void release() {
        proxy.release();
    }

    @Override
    public void kill() {
        server.kill();
    }

    @Override
    public void restart() {
        server.restart();
    }

    @Override
    public void close() {
        proxy.close();
        if (!server.isAlive()) {
            server.restart();
        }
    }
}
