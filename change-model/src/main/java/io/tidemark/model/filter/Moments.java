package io.tidemark.model.filter;

import io.tidemark.model.filter.Value.Band;
import io.tidemark.model.filter.Value.Quantity;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Dates and times in the forms of ISO 8601 that PostgreSQL prints, and reads whatever its settings are. */
final class Moments {

    private static final String DAY = "(?<year>\\d{4,7})-(?<month>\\d\\d)-(?<day>\\d\\d)";
    private static final String TIME =
            "[ T](?<hour>\\d\\d):(?<minute>\\d\\d)(?::(?<second>\\d\\d)(?:\\.(?<fraction>\\d{1,6}))?)?";
    private static final String ZONE = "(?<zone>[Zz]|[+-]\\d\\d(?::?\\d\\d)?)";
    private static final String BEFORE_CHRIST = "(?<bc> BC)?";

    private static final Pattern DATE = Pattern.compile(DAY + BEFORE_CHRIST);
    private static final Pattern TIMESTAMP = Pattern.compile(DAY + "(?:" + TIME + ")?" + BEFORE_CHRIST);
    private static final Pattern WITH_ZONE = Pattern.compile(DAY + TIME + ZONE + BEFORE_CHRIST);

    /** PostgreSQL refuses years beyond these, and some within: all within a type's own first and last year are in. */
    private static final int FIRST_YEAR = -4712;

    private static final int LAST_DATE_YEAR = 5_874_897;
    private static final int LAST_TIMESTAMP_YEAR = 294_276;
    private static final int MAX_ZONE_HOURS = 15;

    private Moments() {}

    static Optional<Value> date(String text) {
        return read(
                text, DATE, matcher -> Quantity.of(day(matcher, LAST_DATE_YEAR).toEpochDay()));
    }

    static Optional<Value> timestamp(String text) {
        return read(text, TIMESTAMP, matcher -> seconds(matcher, ZoneOffset.UTC));
    }

    static Optional<Value> timestampWithZone(String text) {
        return read(text, WITH_ZONE, matcher -> seconds(matcher, zone(matcher.group("zone"))));
    }

    private interface Reader {
        Value read(Matcher matcher);
    }

    private static Optional<Value> read(String text, Pattern pattern, Reader reader) {
        if (text.equalsIgnoreCase("infinity")) {
            return Optional.of(Quantity.special(Band.INFINITY));
        }
        if (text.equalsIgnoreCase("-infinity")) {
            return Optional.of(Quantity.special(Band.NEGATIVE_INFINITY));
        }
        Matcher matcher = pattern.matcher(text);
        try {
            return matcher.matches() ? Optional.of(reader.read(matcher)) : Optional.empty();
        } catch (DateTimeException e) {
            return Optional.empty(); // no such day or time
        }
    }

    private static LocalDate day(Matcher matcher, int lastYear) {
        int written = number(matcher, "year");
        int year = matcher.group("bc") == null ? written : 1 - written;
        if (written == 0 || year < FIRST_YEAR || year > lastYear) {
            throw new DateTimeException("No year of PostgreSQL's: " + year);
        }
        return LocalDate.of(year, number(matcher, "month"), number(matcher, "day"));
    }

    private static Quantity seconds(Matcher matcher, ZoneOffset zone) {
        LocalTime time = LocalTime.of(number(matcher, "hour"), number(matcher, "minute"), number(matcher, "second"));
        LocalDateTime moment = day(matcher, LAST_TIMESTAMP_YEAR).atTime(time);
        return Quantity.of(BigDecimal.valueOf(moment.toEpochSecond(zone)).add(fraction(matcher.group("fraction"))));
    }

    private static BigDecimal fraction(@Nullable String digits) {
        return digits == null ? BigDecimal.ZERO : new BigDecimal("0." + digits);
    }

    private static int number(Matcher matcher, String group) {
        String digits = matcher.group(group);
        return digits == null ? 0 : Integer.parseInt(digits);
    }

    private static ZoneOffset zone(String text) {
        if (text.equalsIgnoreCase("z")) {
            return ZoneOffset.UTC;
        }
        String digits = text.substring(1).replace(":", "");
        int hours = Integer.parseInt(digits.substring(0, 2));
        int minutes = digits.length() > 2 ? Integer.parseInt(digits.substring(2)) : 0;
        if (hours > MAX_ZONE_HOURS) {
            throw new DateTimeException("No offset of PostgreSQL's: " + text);
        }
        int sign = text.startsWith("-") ? -1 : 1;
        return ZoneOffset.ofHoursMinutes(sign * hours, sign * minutes);
    }
}
