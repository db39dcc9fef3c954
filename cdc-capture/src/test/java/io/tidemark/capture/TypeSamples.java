package io.tidemark.capture;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Supplier;

/** Values of every type in their text form, from a seed: the extremes of each, and random ones between. */
final class TypeSamples {

    /** Texts that some quoting, somewhere, gets wrong. */
    private static final List<String> HORRORS = List.of(
            "",
            "NULL",
            "null",
            " ",
            "a b",
            " a ",
            "a,b",
            "a;b",
            "{}",
            "{a}",
            "()",
            "(a,b)",
            "[1:2]={}",
            "\"",
            "\"\"",
            "\\",
            "\\\\",
            "\\\"",
            "\\N",
            "'",
            "''",
            "a\nb",
            "\r\n\t\b\f",
            "\u0001\u001f\u007f\u0085\u2028",
            "ü€😀e\u0301",
            "=>",
            "\"a\"=>NULL",
            "\\u0041",
            "</a>&amp;",
            "x".repeat(300));

    private final SplittableRandom random;

    TypeSamples(long seed) {
        this.random = new SplittableRandom(seed);
    }

    /** Makes the text of the next value; null is NULL. */
    interface Sample extends Supplier<String> {}

    /** The server's own types that take a value, by name; the arrays of each are made from it. */
    Map<String, Sample> builtIn() {
        Map<String, Sample> samples = new TreeMap<>();
        numbers(samples);
        texts(samples);
        times(samples);
        geometry(samples);
        documents(samples);
        ranges(samples);
        system(samples);
        samples.replaceAll((type, sample) -> nullable(sample));
        return samples;
    }

    private void numbers(Map<String, Sample> samples) {
        samples.put("bool", of("t", "f"));
        samples.put("int2", of("0", "-32768", "32767"));
        samples.put("int4", either(of("0", "-2147483648", "2147483647"), () -> "" + random.nextInt()));
        samples.put(
                "int8", either(of("0", "-9223372036854775808", "9223372036854775807"), () -> "" + random.nextLong()));
        samples.put(
                "float4",
                either(
                        of("NaN", "Infinity", "-Infinity", "-0", "0", "3.4028235e38", "1e-45", "16777217", "0.1"),
                        () -> finite(Float.toString(Float.intBitsToFloat(random.nextInt())))));
        samples.put(
                "float8",
                either(
                        of("NaN", "Infinity", "-Infinity", "-0", "1.7976931348623157e308", "5e-324", "1e20", "0.1"),
                        () -> finite(Double.toString(Double.longBitsToDouble(random.nextLong())))));
        samples.put("numeric", numeric());
        samples.put("money", of("0", "-92233720368547758.08", "92233720368547758.07", "1234567.89", "-0.01"));
    }

    Sample numeric() {
        return either(
                rarely(
                        of("1e-16383", "-1.5e20000"),
                        of("NaN", "Infinity", "-Infinity", "0", "-0.000", "1.10", "1e20", "-1e-400")),
                () -> (random.nextBoolean() ? "-" : "") + digits(random.nextInt(1, 60)) + "."
                        + digits(random.nextInt(1, 60)));
    }

    Sample text() {
        return either(of(HORRORS.toArray(String[]::new)), () -> {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(5); i >= 0; i--) {
                text.append(HORRORS.get(random.nextInt(HORRORS.size() - 1)));
            }
            return text.toString();
        });
    }

    private void texts(Map<String, Sample> samples) {
        samples.put("text", rarely(() -> digits(20_000), text()));
        samples.put("varchar", text());
        samples.put("bpchar", text());
        samples.put("refcursor", text());
        samples.put("name", of("", "NULL", "a b", "\"", "\\", "{a,b}", "ü€😀", "n".repeat(63)));
        samples.put("\"char\"", of("", "a", "\"", "\\", ",", " ", "{", "\\201", "\\377"));
        samples.put("bytea", either(of("", "\\x", "\\x00ff5c22"), () -> "\\x" + hexadecimal(random.nextInt(100))));
        samples.put("bit(9)", () -> bits(9));
        samples.put("varbit", () -> bits(random.nextInt(70)));
        samples.put("uuid", () -> new UUID(random.nextLong(), random.nextLong()).toString());
        samples.put("inet", of("10.0.0.1", "10.0.0.1/8", "0.0.0.0/0", "::1", "::ffff:1.2.3.4/100", "2001:db8::/32"));
        samples.put("cidr", of("10.0.0.0/8", "10.1.2.3/32", "0.0.0.0/0", "::/0", "2001:db8::/32"));
        samples.put("macaddr", of("08:00:2b:01:02:03", "00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff"));
        samples.put("macaddr8", of("08:00:2b:01:02:03:04:05", "00:00:00:00:00:00:00:00"));
    }

    private void times(Map<String, Sample> samples) {
        samples.put(
                "date",
                either(
                        of("4714-11-24 BC", "5874897-12-31", "infinity", "-infinity", "0001-01-01 BC", "10000-01-01"),
                        this::day));
        Sample timestamp = either(
                of(
                        "4714-11-24 00:00:00 BC",
                        "294276-12-31 23:59:59.999999",
                        "infinity",
                        "-infinity",
                        "1999-12-31 24:00:00",
                        "2000-01-01 00:00:00.000001"),
                () -> day() + " " + clock());
        samples.put("timestamp", timestamp);
        samples.put(
                "timestamptz", either(of("2024-06-01 12:00:00+05:45", "2024-06-01 12:00:00.5-15:59:59"), () -> timestamp
                        .get()
                        .replaceFirst("(\\d)( BC|$)", "$1+00$2")));
        samples.put("time", either(of("00:00:00", "24:00:00", "23:59:59.999999"), this::clock));
        samples.put(
                "timetz",
                either(of("00:00:00+15:59:59", "24:00:00-15:59", "01:02:03-00:00:01"), () -> clock() + "+05:45"));
        samples.put(
                "interval",
                either(
                        of(
                                "0",
                                "infinity",
                                "-infinity",
                                "178000000 years",
                                "-178000000 years",
                                "1 year 2 mons -3 days 04:05:06.789",
                                "-00:00:00.000001",
                                "2562047788:00:54.775807",
                                "-1 mons 1 day -00:00:01"),
                        () -> random.nextInt(-99, 99) + " mons " + random.nextInt(-99, 99) + " days "
                                + random.nextInt(-9_999, 9_999) + " secs"));
    }

    private void geometry(Map<String, Sample> samples) {
        samples.put("point", of("(0,-0)", "(NaN,Infinity)", "(1e-300,1.5)", "(-1.1,2e200)"));
        samples.put("lseg", of("[(0,0),(1,2)]", "[(-1.5,1e30),(NaN,0)]"));
        samples.put("line", of("{1,2,3}", "{-0.5,1,0}", "{1,-1,1e-10}"));
        samples.put("box", of("(0,0),(1,2)", "(-1.5,1e30),(3,4)"));
        samples.put("path", of("[(0,0),(1,2),(3,4)]", "((0,0),(1.5,-2))", "[(1,1)]"));
        samples.put("polygon", of("((0,0),(1,2),(3,4))", "((1,1))"));
        samples.put("circle", of("<(0,0),0>", "<(1.5,-2),1e10>"));
    }

    private void documents(Map<String, Sample> samples) {
        Sample json = either(rarely(largeJson(), smallJson()), () -> json(3));
        samples.put("json", json);
        samples.put("jsonb", json);
        samples.put(
                "jsonpath",
                of("$", "strict $.a[*]", "$.\"a b\" ? (@.b > 1 && @.c like_regex \"x\\\"y\")", "$[0 to last]"));
        samples.put(
                "xml",
                of(
                        "",
                        "<a/>",
                        "text &lt; <b c=\"d\">\n</b>",
                        "<?xml version=\"1.0\" encoding=\"utf-8\"?><r>ü😀</r>",
                        "<![CDATA[ \"{\\,}\" ]]>"));
        samples.put("tsvector", of("", "'a b':1A,2 'c''d':3", "'e\\\\f' '{\"g\"}':7C", "a fat cat"));
        samples.put("tsquery", of("", "'a b' & !c | (d <2> e:*AB)", "'f''g' <-> 'h\\\\i'"));
    }

    private Sample largeJson() {
        return of(
                "1e20000",
                "1e-16383",
                "{\"" + "k".repeat(60_000) + "\": 1}",
                "[" + "\"v\",".repeat(5_000) + "1]",
                "[".repeat(900) + "]".repeat(900));
    }

    private Sample smallJson() {
        return of(
                "null",
                "true",
                "0",
                "-0",
                "-0.0",
                "1e5",
                "1.10e1",
                "10E-1",
                "0e1073741823",
                "\"\"",
                "\"\\u0041\\ud83d\\ude00\\u20ac \\/ \\b\\f\"",
                "\"NULL\"",
                "{}",
                "[ ]",
                "{ \"b\" : 1.10 , \"a\" : [ null , {} ] }",
                "{\"a\": 1, \"a\": {\"b\": 2}, \"a\": 3.0}");
    }

    private String json(int depth) {
        return switch (random.nextInt(depth == 0 ? 3 : 5)) {
            case 0 -> jsonString();
            case 1 -> random.nextInt() + "." + digits(random.nextInt(1, 20)) + "e" + random.nextInt(-30, 30);
            case 2 -> random.nextBoolean() ? "null" : "false";
            case 3 -> "[" + json(depth - 1) + ",\t" + json(depth - 1) + "]";
            default ->
                "{" + jsonString() + ":" + json(depth - 1) + ", " + jsonString() + " :\n" + json(depth - 1) + "}";
        };
    }

    private String jsonString() {
        StringBuilder quoted = new StringBuilder("\"");
        for (char c : HORRORS.get(random.nextInt(HORRORS.size())).toCharArray()) {
            if (c < ' ' || c == '"' || c == '\\') {
                quoted.append(String.format("\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }

    private void ranges(Map<String, Sample> samples) {
        ranges(samples, "int4", "1", "5", "2147483646");
        ranges(samples, "int8", "-9223372036854775808", "7", "8");
        ranges(samples, "num", "-1.10", "2.0", "1e30");
        ranges(samples, "date", "\"0044-03-15 BC\"", "2024-02-29", "5874897-12-30");
        ranges(samples, "ts", "-infinity", "\"2024-01-01 00:00:00.5\"", "infinity");
        ranges(samples, "tstz", "\"0044-03-15 00:00:00+00 BC\"", "\"2024-01-01 00:00:00+05\"", "infinity");
    }

    private void ranges(Map<String, Sample> samples, String name, String low, String middle, String high) {
        String first = "[" + low + "," + middle + ")";
        String second = "(" + middle + "," + high + "]";
        samples.put(name + "range", of("empty", "(,)", "[" + low + ",)", "(," + high + ")", first, second));
        samples.put(name + "multirange", of("{}", "{(,)}", "{" + first + "}", "{" + first + "," + second + "}"));
    }

    /** Numbers, marks and names of the server's own. */
    private void system(Map<String, Sample> samples) {
        samples.put("oid", of("0", "4294967295"));
        samples.put("xid", of("0", "4294967295"));
        samples.put("xid8", of("0", "18446744073709551615"));
        samples.put("cid", of("0", "4294967295"));
        samples.put("tid", of("(0,0)", "(4294967295,65535)"));
        samples.put("pg_lsn", of("0/0", "16/B374D848", "FFFFFFFF/FFFFFFFF"));
        samples.put("pg_snapshot", of("10:20:10,14,15", "1:1:"));
        samples.put("txid_snapshot", of("10:20:10,14,15", "1:1:"));
        samples.put("int2vector", of("", "1", "1 2 -3"));
        samples.put("oidvector", of("", "1", "1 2 4294967295"));
        samples.put("aclitem", of("postgres=arw/postgres", "=r/postgres", "postgres=a*r*/postgres"));
        samples.put("regproc", of("-", "now", "array_in", "4294967290"));
        samples.put("regprocedure", of("-", "sum(integer)", "now()", "4294967290"));
        samples.put("regoper", of("0", "||/", "4294967290"));
        samples.put("regoperator", of("0", "+(integer,integer)", "-(NONE,integer)", "4294967290"));
        samples.put("regclass", of("-", "pg_class", "\"odd \\ \"\"name\"\", {x}\"", "elsewhere.t", "4294967290"));
        samples.put("regtype", of("-", "integer", "character varying", "_int4", "4294967290"));
        samples.put("regconfig", of("-", "english", "simple", "4294967290"));
        samples.put("regdictionary", of("-", "simple", "english_stem", "4294967290"));
        samples.put("regnamespace", of("-", "public", "pg_catalog", "4294967290"));
        samples.put("regrole", of("-", "postgres", "4294967290"));
        samples.put("regcollation", of("-", "\"C\"", "\"default\"", "4294967290"));
    }

    Sample of(String... texts) {
        return () -> texts[random.nextInt(texts.length)];
    }

    Sample either(Sample one, Sample other) {
        return () -> random.nextBoolean() ? one.get() : other.get();
    }

    /** One in a hundred is large. */
    private Sample rarely(Sample large, Sample ordinary) {
        return () -> random.nextInt(100) == 0 ? large.get() : ordinary.get();
    }

    Sample nullable(Sample sample) {
        return () -> random.nextInt(6) == 0 ? null : sample.get();
    }

    /** Arrays of none to three dimensions, now and then with bounds of their own. */
    Sample arrayOf(Sample element, char delimiter) {
        return nullable(() -> {
            int dimensions = random.nextInt(4);
            if (dimensions == 0) {
                return "{}";
            }
            List<Integer> lengths = new ArrayList<>();
            StringBuilder bounds = new StringBuilder();
            for (int i = 0; i < dimensions; i++) {
                int length = random.nextInt(1, 4);
                int from = random.nextInt(-3, 3);
                lengths.add(length);
                bounds.append('[')
                        .append(from)
                        .append(':')
                        .append(from + length - 1)
                        .append(']');
            }
            return (random.nextBoolean() ? bounds + "=" : "") + arrayText(lengths, element, delimiter);
        });
    }

    private static String arrayText(List<Integer> lengths, Sample element, char delimiter) {
        if (lengths.isEmpty()) {
            String value = element.get();
            return value == null ? "NULL" : quoted(value);
        }
        List<String> parts = new ArrayList<>();
        for (int i = 0; i < lengths.get(0); i++) {
            parts.add(arrayText(lengths.subList(1, lengths.size()), element, delimiter));
        }
        return "{" + String.join(String.valueOf(delimiter), parts) + "}";
    }

    Sample rowOf(Sample... attributes) {
        return nullable(() -> {
            List<String> parts = new ArrayList<>();
            for (Sample attribute : attributes) {
                String value = attribute.get();
                parts.add(value == null ? "" : quoted(value));
            }
            return "(" + String.join(",", parts) + ")";
        });
    }

    Sample rangeOf(Sample bound) {
        return nullable(() -> {
            String low = bound.get();
            return "[" + (low == null ? "" : quoted(low))
                    + (random.nextBoolean() ? ",)" : "," + (low == null ? "" : quoted(low)) + "]");
        });
    }

    Sample hstore() {
        Sample words = text();
        return nullable(() -> {
            List<String> pairs = new ArrayList<>();
            for (int i = random.nextInt(4); i > 0; i--) {
                String value = random.nextInt(3) == 0 ? null : words.get();
                pairs.add(quoted(words.get()) + "=>" + (value == null ? "NULL" : quoted(value)));
            }
            return String.join(",", pairs);
        });
    }

    static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private String day() {
        return LocalDate.ofEpochDay(random.nextInt(-700_000, 2_900_000))
                .toString()
                .replaceFirst("^\\+", "");
    }

    private String clock() {
        return String.format(
                "%02d:%02d:%02d.%06d",
                random.nextInt(24), random.nextInt(60), random.nextInt(60), random.nextInt(1_000_000));
    }

    private String digits(int count) {
        StringBuilder digits = new StringBuilder();
        for (int i = 0; i < count; i++) {
            digits.append(random.nextInt(10));
        }
        return digits.toString();
    }

    private String bits(int count) {
        return digits(count).replaceAll("[0-4]", "0").replaceAll("[5-9]", "1");
    }

    private String hexadecimal(int bytes) {
        byte[] content = new byte[bytes];
        random.nextBytes(content);
        return java.util.HexFormat.of().formatHex(content);
    }

    private static String finite(String number) {
        return number.equals("NaN") || number.endsWith("Infinity") ? "0.5" : number;
    }
}
