package io.tidemark.app.run;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;

/**
 * Random transactions on the tables of {@code blog.sql}: rows come, change, move to other parents, get other keys and go,
 * with few keys, so that they meet; values are those that are hard to order or to add up.
 */
final class BlogTraffic {

    private static final int POSTS = 12;
    private static final int COMMENTS_PER_POST = 8;
    private static final int TAGS = 6;
    private static final int AUTHORS = 4;
    private static final List<String> TEXTS =
            List.of("", "a", "B", "b", "ä", "Z", "ab", "a b", "it''s", "\uFFFD", "🌊");
    private static final List<String> TIMES = List.of(
            "infinity",
            "-infinity",
            "0044-03-15 10:00:00 BC",
            "0044-03-16 BC",
            "0045-01-01 BC",
            "0001-01-01",
            "2024-02-29 10:00:00.5",
            "2024-02-29 10:00:00.45",
            "2024-02-29 10:00:00",
            "2024-02-29 09:00:00",
            "9999-12-31",
            "10000-01-01",
            "25000-01-01");

    private final Random random;

    BlogTraffic(long seed) {
        random = new Random(seed);
    }

    /** Runs so many transactions; one that breaks a key is rolled back. */
    void run(Connection connection, int transactions) throws SQLException {
        connection.setAutoCommit(false);
        for (int i = 0; i < transactions; i++) {
            try (Statement statement = connection.createStatement()) {
                for (int changes = 1 + random.nextInt(5); changes > 0; changes--) {
                    statement.executeUpdate(change());
                }
                connection.commit();
            } catch (SQLException e) {
                connection.rollback();
                if (!e.getSQLState().equals("23505")) {
                    throw e;
                }
            }
        }
    }

    private String change() {
        return switch (random.nextInt(30)) {
            case 0, 1 -> upsert("authors", "id", author(), orNull(this::text) + ", " + orNull(this::text));
            case 2 -> "DELETE FROM authors WHERE id = " + author();
            case 3, 4, 5 ->
                upsert(
                        "posts",
                        "id",
                        post(),
                        orNull(this::author) + ", " + orNull(this::text) + ", " + orNull(this::real));
            case 6 -> "DELETE FROM posts WHERE id = " + post();
            case 7 -> "UPDATE posts SET id = " + post() + " WHERE id = " + post();
            case 8 -> "UPDATE posts SET author_id = " + orNull(this::author) + " WHERE id = " + post();
            case 9 -> "UPDATE comments SET post_id = " + post() + " WHERE post_id = " + post() + " AND no = " + no();
            case 10 -> "UPDATE comments SET no = no + 1 WHERE post_id = " + post() + " AND no = " + no();
            case 11 -> "DELETE FROM comments WHERE post_id = " + post() + " AND no >= " + no();
            case 12 -> "UPDATE comments SET score = " + orNull(this::numeric) + " WHERE no = " + no();
            case 13 -> upsert("tags", "id", tag(), orNull(this::text) + ", " + orNull(this::numeric));
            case 14 -> "DELETE FROM tags WHERE id = " + tag();
            case 15 -> "UPDATE tags SET id = " + tag() + " WHERE id = " + tag();
            case 16, 17, 18 ->
                upsert("post_tags", "post_id, tag_id", post() + ", " + tag(), orNull(() -> "" + random.nextInt(3)));
            case 19 -> "DELETE FROM post_tags WHERE post_id = " + post() + " AND tag_id > " + tag();
            case 20 ->
                "UPDATE post_tags SET tag_id = " + tag() + " WHERE post_id = " + post() + " AND tag_id = " + tag();
            case 21 -> random.nextInt(15) == 0 ? "TRUNCATE " + table() : "UPDATE comments SET likes = likes + 1";
            default -> upsert("comments", "post_id, no", post() + ", " + no(), comment());
        };
    }

    /** A row with this key, whether there is one or not. */
    private static String upsert(String table, String key, String keyValues, String values) {
        return "MERGE INTO " + table + " USING (VALUES (" + keyValues + ")) AS k(" + key + ") ON ("
                + key.replaceAll("(\\w+)", table + ".$1 = k.$1").replace(", ", " AND ") + ")"
                + " WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (" + keyValues + ", " + values + ")";
    }

    private String comment() {
        return String.join(
                ", ",
                orNull(this::text),
                orNull(this::numeric),
                orNull(() -> "" + random.nextInt(1000) / 100.0),
                orNull(() -> "" + (random.nextInt(60_000) - 30_000)),
                orNull(() -> "" + random.nextInt()),
                orNull(() -> "" + random.nextLong()),
                orNull(() -> time() + "::timestamptz"),
                orNull(() -> time() + "::date"),
                orNull(() -> time() + "::timestamp"),
                orNull(this::real),
                orNull(() -> "" + random.nextBoolean()));
    }

    private String numeric() {
        int special = random.nextInt(60);
        if (special < 3) {
            return List.of("'NaN'", "'Infinity'", "'-Infinity'").get(special);
        }
        int scale = random.nextInt(5) * random.nextInt(5);
        String digits = "" + Math.abs(random.nextLong() >> random.nextInt(60));
        return (random.nextBoolean() ? "-" : "")
                + digits
                + (scale == 0 ? "" : "." + "0".repeat(scale - 1) + random.nextInt(10));
    }

    private String real() {
        return List.of("'NaN'", "'Infinity'", "'-Infinity'", "0.1", "-0.0", "0", "1e10", "123.456", "-7e-5")
                .get(random.nextInt(9));
    }

    private String time() {
        return "'" + TIMES.get(random.nextInt(TIMES.size())) + "'";
    }

    private String text() {
        return "'" + TEXTS.get(random.nextInt(TEXTS.size())) + "'";
    }

    private String table() {
        return List.of("authors", "posts", "comments", "tags", "post_tags").get(random.nextInt(5));
    }

    private String author() {
        return "" + random.nextInt(AUTHORS);
    }

    private String post() {
        return "" + random.nextInt(POSTS);
    }

    private String no() {
        return "" + random.nextInt(COMMENTS_PER_POST);
    }

    private String tag() {
        return "" + random.nextInt(TAGS);
    }

    private String orNull(Supplier<String> value) {
        return random.nextInt(6) == 0 ? "NULL" : value.get();
    }
}
