package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.demo.ShopSchema;
import io.tidemark.app.demo.ShopSeeder;
import io.tidemark.app.demo.ShopSize;
import io.tidemark.app.run.Slice;
import io.tidemark.reconciliation.Verdict;
import io.tidemark.testkit.Certificates;
import io.tidemark.testkit.SharedStack;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import redis.clients.jedis.Jedis;

/** Elasticsearch and Redis behind TLS that an authority of one's own signed, with an API key, a user, an ACL user. */
@Timeout(180)
class SecureStoresIT {

    private static final String CANARY = "canary-7a10";
    private static final String HERE = "dns:localhost";
    private static final String USER = "tidemark" + ProcessHandle.current().pid();

    @TempDir
    private static Path directory;

    private static Certificates certificates;
    private static final List<TlsFront> FRONTS = new ArrayList<>();
    private static TlsFront withKey;
    private static TlsFront withUser;
    private static TlsFront cache;
    private static TlsFront searchElsewhere;
    private static TlsFront cacheElsewhere;

    @BeforeAll
    static void start() throws Exception {
        certificates = Certificates.in(Files.createDirectory(directory.resolve("certificates")));
        String here = certificates.valid(HERE);
        String elsewhere = certificates.valid("dns:elsewhere.example");
        int search = URI.create(SharedStack.elasticsearch().url()).getPort();
        int redis = URI.create(SharedStack.redis().url()).getPort();
        withKey = front(TlsFront.asking(search, here, certificates.key(), "Authorization: ApiKey " + CANARY));
        String basic = Base64.getEncoder().encodeToString(("tidemark:" + CANARY).getBytes(StandardCharsets.UTF_8));
        withUser = front(TlsFront.asking(search, here, certificates.key(), "Authorization: Basic " + basic));
        searchElsewhere = front(TlsFront.of(search, elsewhere, certificates.key()));
        cache = front(TlsFront.of(redis, here, certificates.key()));
        cacheElsewhere = front(TlsFront.of(redis, elsewhere, certificates.key()));
        try (Jedis admin = new Jedis(URI.create(SharedStack.redis().url()))) {
            admin.aclSetUser(USER, "on", ">" + CANARY, "~*", "+@all");
        }
    }

    private static TlsFront front(TlsFront front) {
        FRONTS.add(front);
        return front;
    }

    @AfterAll
    static void stop() {
        FRONTS.forEach(TlsFront::close);
        try (Jedis admin = new Jedis(URI.create(SharedStack.redis().url()))) {
            admin.aclDelUser(USER);
        }
    }

    private static Slice slice(String search, String redis) throws Exception {
        String shop = Files.readString(Path.of("..", "docs", "examples", "shop", "tidemark.yml"))
                .replace("{elasticsearch: {url: \"${SEARCH_URL}\"}}", "{elasticsearch: " + search + "}")
                .replace("{redis: {url: \"${CACHE_URL}\"}}", "{redis: " + redis + "}");
        Slice slice = new Slice(directory, "shop", Files.writeString(directory.resolve("shop.yml"), shop));
        try (Connection connection = slice.source()) {
            ShopSchema.create(connection);
            new ShopSeeder(1, new ShopSize(5, 5, 20)).run(connection);
        }
        return slice;
    }

    private static String search(TlsFront front, Path authority, String more) {
        return "{url: \"https://localhost:" + front.port() + "\", ca: \"" + authority + "\"" + more + "}";
    }

    private static String redis(TlsFront front, Path authority, String password) {
        return "{url: \"rediss://" + USER + ":" + password + "@localhost:" + front.port() + "\", ca: \"" + authority
                + "\"}";
    }

    private static final String KEY = ", api-key: \"" + CANARY + "\"";
    private static final String BASIC = ", user: tidemark, password: \"" + CANARY + "\"";

    @Test
    void documents_go_through_tls_with_a_key_and_an_acl_user_and_come_back_the_same() throws Exception {
        try (Slice slice =
                slice(search(withKey, certificates.authority(), KEY), redis(cache, certificates.authority(), CANARY))) {
            slice.start();
            slice.awaitEverything();
            assertThat(slice.reconcile()).isNotEmpty().allSatisfy(report -> assertThat(report.verdict())
                    .as(report.text())
                    .isEqualTo(Verdict.NO_DRIFT));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "right        | '' | ''",
                "authority    | Elasticsearch at https://localhost | cannot be trusted: its certificate is signed by no authority trusted here. Check 'ca' of the store",
                "elsewhere    | Elasticsearch at https://localhost | cannot be trusted: its certificate is for another name",
                "password     | Elasticsearch at https://localhost | refuses the credentials (HTTP 401",
                "cache-ca     | Redis at rediss://localhost        | cannot be trusted: its certificate is signed by no authority trusted here. Check 'ca' of the store",
                "cache-name   | Redis at rediss://localhost        | cannot be trusted: its certificate is for another name",
                "cache-secret | Redis at rediss://localhost        | refuses the credentials (WRONGPASS",
            })
    void who_does_not_prove_who_he_is_is_refused_in_words(String what, String where, String said) throws Exception {
        Path right = certificates.authority();
        Path wrong = certificates.otherAuthority();
        String search =
                switch (what) {
                    case "authority" -> search(withUser, wrong, BASIC);
                    case "elsewhere" -> search(searchElsewhere, right, BASIC);
                    case "password" -> search(withUser, right, BASIC.replace(CANARY, CANARY + "-wrong"));
                    default -> search(withUser, right, BASIC);
                };
        String redis =
                switch (what) {
                    case "cache-ca" -> redis(cache, wrong, CANARY);
                    case "cache-name" -> redis(cacheElsewhere, right, CANARY);
                    case "cache-secret" -> redis(cache, right, CANARY + "-wrong");
                    default -> redis(cache, right, CANARY);
                };
        try (Slice slice = slice(search, redis)) {
            StringWriter out = new StringWriter();
            StringWriter err = new StringWriter();
            int code = Main.run(
                    new PrintWriter(out),
                    new PrintWriter(err),
                    "check",
                    "-c",
                    slice.configFile().toString());
            assertThat(code).as("%s%s", out, err).isEqualTo(where.isEmpty() ? 0 : 3);
            if (!where.isEmpty()) {
                assertThat(err.toString().strip().lines())
                        .singleElement()
                        .asString()
                        .contains(where, said)
                        .doesNotContain("Exception", "null");
            }
            assertThat(out.toString() + err).doesNotContain(CANARY);
        }
    }

    @Test
    void a_file_that_is_no_authority_is_said() throws Exception {
        try (Slice slice = slice(
                search(withUser, directory.resolve("none.pem"), BASIC),
                redis(cache, certificates.authority(), CANARY))) {
            StringWriter err = new StringWriter();
            assertThat(Main.run(
                            new PrintWriter(new StringWriter()),
                            new PrintWriter(err),
                            "check",
                            "-c",
                            slice.configFile().toString()))
                    .as(err.toString())
                    .isEqualTo(2);
            assertThat(err.toString()).contains("none.pem of 'ca' holds no certificates in PEM");
        }
    }
}
