package io.tidemark.app.config;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as people write them. */
public final class DurationText {

    /** What to say that was expected. */
    public static final String EXPECTED = "a duration such as 7d, 12h, 30m or 90s";

    private static final Pattern DURATION = Pattern.compile("([0-9]{1,6})([smhd])");

    private DurationText() {}

    /** A whole number and {@code s}, {@code m}, {@code h} or {@code d}; empty for anything else. */
    public static Optional<Duration> parse(String text) {
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        long amount = Long.parseLong(matcher.group(1));
        return Optional.of(
                switch (matcher.group(2).charAt(0)) {
                    case 's' -> Duration.ofSeconds(amount);
                    case 'm' -> Duration.ofMinutes(amount);
                    case 'h' -> Duration.ofHours(amount);
                    default -> Duration.ofDays(amount);
                });
    }
}
