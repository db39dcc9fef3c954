package io.tidemark.stores.redis;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.Secret;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TlsFailure;
import io.tidemark.model.TrustedAuthority;
import io.tidemark.model.store.WriteOutcome;
import java.io.ByteArrayInputStream;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.SslOptions;
import redis.clients.jedis.SslVerifyMode;
import redis.clients.jedis.exceptions.JedisAccessControlException;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/** One connection to a Redis, opened when needed and thrown away when it broke; and what its errors mean. */
final class RedisServer implements AutoCloseable {

    private static final int CONNECT_TIMEOUT_MS = 5_000;
    private static final int ANSWER_TIMEOUT_MS = 30_000;

    /** Error codes that speak about the command's keys and values; every other speaks about the server. */
    private static final Set<String> ABOUT_THE_DOCUMENT = Set.of("WRONGTYPE", "CROSSSLOT", "ERR");

    /** Redis before 7 wraps the errors of a script's commands into ERR. */
    private static final Set<String> WRAPPED_STATES = Set.of("READONLY", "OOM", "LOADING", "MISCONF", "BUSY", "MOVED");

    /** Opens a trust store in memory, of certificates that anybody may see. */
    private static final char[] TRUST_STORE = "tidemark".toCharArray();

    private final RedisSettings settings;
    private @Nullable Jedis jedis;

    RedisServer(RedisSettings settings) {
        this.settings = settings;
    }

    /** Uses the connection; a failure that leaves it in doubt gives it up. */
    <T> T use(Function<Jedis, T> work) {
        try {
            return work.apply(connection());
        } catch (JedisConnectionException e) {
            close();
            throw e;
        }
    }

    /** As {@link #use}, with failures for people. */
    <T> T orFail(Function<Jedis, T> work) {
        try {
            return use(work);
        } catch (JedisException e) {
            throw failure(e);
        }
    }

    TidemarkException failure(JedisException e) {
        String server = "Redis at " + settings.display();
        if (e instanceof JedisAccessControlException || "NOAUTH".equals(code(e)) || "NOPERM".equals(code(e))) {
            return new TidemarkException(
                    ErrorCode.UNREACHABLE,
                    server + " refuses the credentials (" + e.getMessage() + "): check user and password",
                    e);
        }
        if (e instanceof JedisDataException) {
            return new TidemarkException(
                    ErrorCode.UNREACHABLE, server + " cannot be used as it is now (" + e.getMessage() + ")", e);
        }
        Optional<TlsFailure> tls = TlsFailure.in(e);
        if (tls.isPresent()) {
            return new TidemarkException(
                    ErrorCode.UNREACHABLE,
                    server + " cannot be trusted: " + tls.get().reason() + ". "
                            + tls.get().remedyOfStore(),
                    e);
        }
        return new TidemarkException(
                ErrorCode.UNREACHABLE,
                server + " does not answer (" + reason(e) + "): check that it runs and that the url is right",
                e);
    }

    /** What an error reply to one document's write means for it. */
    static WriteOutcome outcome(JedisDataException e) {
        String message = String.valueOf(e.getMessage());
        boolean wrapped = WRAPPED_STATES.stream().anyMatch(message::contains);
        return ABOUT_THE_DOCUMENT.contains(code(e)) && !wrapped
                ? new WriteOutcome.Rejected(message)
                : new WriteOutcome.Retriable(message);
    }

    String display() {
        return settings.display();
    }

    /** Without the full stop that the client adds when it says no more than where it failed to connect to. */
    private static String reason(JedisException e) {
        Throwable cause = e.getCause();
        if (cause instanceof UnknownHostException) {
            return "there is no host " + cause.getMessage();
        }
        String message = String.valueOf(e.getMessage());
        return message.endsWith(".") ? message.substring(0, message.length() - 1) : message;
    }

    /** The word an error reply begins with. */
    private static String code(JedisException e) {
        String message = String.valueOf(e.getMessage());
        int space = message.indexOf(' ');
        return space < 0 ? message : message.substring(0, space);
    }

    private Jedis connection() {
        Jedis current = jedis;
        if (current == null) {
            current = connect();
            jedis = current;
        }
        return current;
    }

    private Jedis connect() {
        Secret password = settings.password();
        DefaultJedisClientConfig config = DefaultJedisClientConfig.builder()
                .resp2()
                .connectionTimeoutMillis(CONNECT_TIMEOUT_MS)
                .socketTimeoutMillis(ANSWER_TIMEOUT_MS)
                .sslOptions(settings.tls() ? trusting(settings.authority()) : null)
                .database(settings.database())
                .user(settings.user())
                .password(password == null ? null : password.reveal())
                .clientName("tidemark")
                .build();
        return new Jedis(new HostAndPort(settings.host(), settings.port()), config);
    }

    /** The certificate must be for the host, whoever signed it. */
    private static SslOptions trusting(@Nullable Path authority) {
        if (authority == null) {
            return SslOptions.defaults();
        }
        byte[] store = TrustedAuthority.pkcs12(authority, TRUST_STORE);
        return SslOptions.builder()
                .trustStoreType("PKCS12")
                .truststore(() -> new ByteArrayInputStream(store), TRUST_STORE)
                .sslVerifyMode(SslVerifyMode.FULL)
                .build();
    }

    @Override
    public void close() {
        Jedis current = jedis;
        jedis = null;
        if (current != null) {
            try {
                current.close();
            } catch (JedisException gone) {
                System.getLogger(RedisServer.class.getName()).log(System.Logger.Level.DEBUG, "Closing failed", gone);
            }
        }
    }
}
