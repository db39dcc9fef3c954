package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Metrics in Prometheus' text format 0.0.4, read strictly. */
final class PrometheusText {

    private static final String NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
    private static final String LABEL = "[a-zA-Z_][a-zA-Z0-9_]*=\"(?:[^\"\\\\\\n]|\\\\[\\\\n\"])*\"";
    private static final Pattern TYPE =
            Pattern.compile("# TYPE (" + NAME + ") (?:counter|gauge|histogram|summary|untyped)");
    private static final Pattern HELP = Pattern.compile("# HELP (" + NAME + ") .*");
    private static final Pattern SAMPLE =
            Pattern.compile("(" + NAME + ")(\\{(?:" + LABEL + "(?:," + LABEL + ")*,?)?})? (\\S+)");

    private final Map<String, Double> samples = new HashMap<>();
    private final Set<String> families = new HashSet<>();

    PrometheusText(String text) {
        assertThat(text).endsWith("\n");
        text.lines().forEach(this::line);
    }

    private void line(String line) {
        Matcher type = TYPE.matcher(line);
        Matcher sample = SAMPLE.matcher(line);
        if (type.matches()) {
            assertThat(families.add(type.group(1))).as("one TYPE of %s", line).isTrue();
        } else if (sample.matches()) {
            String name = sample.group(1);
            assertThat(families).as(line).anyMatch(family -> name.matches(family + "(_count|_sum|_bucket)?"));
            String labels = sample.group(2) == null ? "{}" : sample.group(2);
            assertThat(samples.put(name + sorted(labels), Double.valueOf(sample.group(3))))
                    .as("one sample of %s", line)
                    .isNull();
        } else {
            assertThat(HELP.matcher(line).matches())
                    .as("a line of metrics: %s", line)
                    .isTrue();
        }
    }

    private static String sorted(String labels) {
        Matcher label = Pattern.compile(LABEL).matcher(labels);
        return label.results().map(each -> each.group()).sorted().collect(Collectors.joining(",", "{", "}"));
    }

    /** A sample; its labels in the order of the alphabet, {@code {}} where it has none. */
    double value(String name) {
        assertThat(samples).containsKey(name);
        return samples.get(name);
    }

    /** Names of the families that begin so. */
    Set<String> families(String prefix) {
        return families.stream().filter(name -> name.startsWith(prefix)).collect(Collectors.toCollection(TreeSet::new));
    }
}
