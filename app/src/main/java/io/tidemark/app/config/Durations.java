package io.tidemark.app.config;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Parses durations: a whole number with {@code s}, {@code m}, {@code h} or {@code d}. */
final class Durations {

    private static final Pattern DURATION = Pattern.compile("([0-9]{1,6})([smhd])");

    private Durations() {}

    /** Empty when the key is absent, and after a problem. */
    static Optional<Duration> optional(Section section, String key) {
        Optional<Mention> given =
                section.optionalText(key).filter(text -> !text.text().isEmpty());
        Optional<Duration> duration = given.flatMap(text -> parse(text.text()));
        if (given.isPresent() && duration.isEmpty()) {
            section.problemWith(
                    given.get(),
                    key,
                    "expected a duration such as 7d, 12h, 30m or 90s, found '"
                            + given.get().text() + "'");
        }
        return duration;
    }

    private static Optional<Duration> parse(String text) {
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        long amount = Long.parseLong(matcher.group(1));
        Duration duration =
                switch (matcher.group(2).charAt(0)) {
                    case 's' -> Duration.ofSeconds(amount);
                    case 'm' -> Duration.ofMinutes(amount);
                    case 'h' -> Duration.ofHours(amount);
                    default -> Duration.ofDays(amount);
                };
        return Optional.of(duration).filter(some -> !some.isZero());
    }
}
