package io.tidemark.stores.sql;

import io.tidemark.model.Column;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Relation;
import io.tidemark.model.SqlIdentifiers;
import io.tidemark.model.TidemarkException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Takes the tables of one collection from one description to the next, within a transaction. Columns that neither
 * names are somebody else's and stay.
 */
final class MirrorAlteration {

    /** Who reads the table for longer holds the mirror up, not everybody who comes after. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(3);

    private static final int MAX_IDENTIFIER_BYTES = 63;

    /** Each has the values of those before it. */
    private static final List<String> WHOLE_NUMBERS = List.of("smallint", "integer", "bigint", "numeric");

    private final TableSetup setup;
    private final Relation before;
    private final Relation after;

    MirrorAlteration(TableSetup setup, Relation before, Relation after) {
        this.setup = setup;
        this.before = before;
        this.after = after;
    }

    /** The column that one of the description before is now: the same by its number, or else by its name. */
    private Map<String, Column> pairs() {
        Map<String, Column> pairs = new HashMap<>();
        for (Column then : before.columns()) {
            after.columns().stream()
                    .filter(now -> now.number() > 0 && now.number() == then.number())
                    .findFirst()
                    .ifPresent(now -> pairs.put(then.name(), now));
        }
        Set<String> taken = new TreeSet<>();
        pairs.values().forEach(now -> taken.add(now.name()));
        for (Column then : before.columns()) {
            if (!pairs.containsKey(then.name()) && taken.add(then.name())) {
                after.column(then.name())
                        .filter(now -> now.number() == 0 || then.number() == 0)
                        .ifPresent(now -> pairs.put(then.name(), now));
            }
        }
        return pairs;
    }

    /**
     * Alters the table of the rows. A column keeps its values where they read as before, and is NULL where all rows are
     * written again.
     */
    void ofRows(GuardedTable table) throws SQLException {
        setup.waitForLocksAtMost(LONGEST_WAIT);
        Map<String, Column> pairs = pairs();
        for (Column then : before.columns()) {
            if (!pairs.containsKey(then.name())) {
                alter(table.quoted(), "drop column if exists " + quote(then.name()), then.name(), "was dropped");
            }
        }
        rename(table.quoted(), pairs);
        Map<String, String> present = setup.columns(table.quoted());
        for (Column then : before.columns()) {
            Column now = pairs.get(then.name());
            if (now != null) {
                retype(table.quoted(), then, now, present.getOrDefault(now.name(), ""));
            }
        }
        for (Column now : after.columns()) {
            if (!pairs.containsValue(now)) {
                add(table.quoted(), now);
            }
        }
    }

    /** Over names nobody has, since two columns may have changed theirs with each other. */
    private void rename(String quotedTable, Map<String, Column> pairs) throws SQLException {
        List<Column> renamed = new ArrayList<>();
        for (Column then : before.columns()) {
            Column now = pairs.get(then.name());
            if (now != null && !now.name().equals(then.name())) {
                alter(quotedTable, "rename column " + quote(then.name()) + " to " + between(now), now.name(), "is new");
                renamed.add(now);
            }
        }
        for (Column now : renamed) {
            alter(quotedTable, "rename column " + between(now) + " to " + quote(now.name()), now.name(), "is new");
        }
    }

    private static String between(Column column) {
        return quote("_tidemark_renamed_" + column.number());
    }

    private void retype(String quotedTable, Column then, Column now, String present) throws SQLException {
        String type = setup.type(now);
        if (then.type().equals(now.type()) || present.equals(type)) {
            return;
        }
        boolean key = after.primaryKey().contains(now.name());
        if (key && !keepsValues(then, now)) {
            throw keyRetyped(now, then);
        }
        String value = keepsValues(then, now) ? quote(now.name()) : "null";
        retype(quotedTable, now, type, value);
    }

    private void retype(String quotedTable, Column now, String type, String value) throws SQLException {
        String column = quote(now.name());
        alter(
                quotedTable,
                "alter column " + column + " type " + type + " using " + value + "::" + type,
                now.name(),
                "has another type");
    }

    private TidemarkException keyRetyped(Column now, Column then) {
        return new TidemarkException(
                ErrorCode.FAILED,
                "Column '" + now.name() + "' of the primary key of " + after.table() + " was " + then.type()
                        + " and is " + now.type()
                        + ", by which a mirror cannot tell rows apart as before: mirror into another schema, which is filled"
                        + " anew");
    }

    /**
     * Alters the table of the versions, of which none may lose a value: what is gone stays, under its name, or, when that
     * has another type now, under another one.
     *
     * @return the columns that are there of earlier descriptions only
     */
    Set<String> ofHistory(HistoryTable table, Set<String> keptBefore) throws SQLException {
        setup.waitForLocksAtMost(LONGEST_WAIT);
        Map<String, String> present = setup.columns(table.quoted());
        Set<String> ours = new TreeSet<>(keptBefore);
        before.columns().forEach(column -> ours.add(column.name()));
        for (Column now : after.columns()) {
            String type = setup.type(now);
            String there = ours.contains(now.name()) ? present.get(now.name()) : null;
            if (there == null) {
                add(table.quoted(), now);
            } else if (!there.equals(type)) {
                Optional<String> aside = retypeOrSetAside(table.quoted(), now, type, present.keySet());
                if (aside.isPresent()) {
                    ours.add(aside.get());
                    present.put(aside.get(), there);
                }
            }
        }
        after.columns().forEach(column -> ours.remove(column.name()));
        return ours;
    }

    /** Gives the name that the column with the values of before has now; empty when it is still the same one. */
    private Optional<String> retypeOrSetAside(String quotedTable, Column now, String type, Set<String> present)
            throws SQLException {
        Optional<Column> then = before.column(now.name());
        if (then.isPresent() && keepsValues(then.get(), now)) {
            retype(quotedTable, now, type, quote(now.name()));
            return Optional.empty();
        }
        if (after.primaryKey().contains(now.name())) {
            throw keyRetyped(now, then.orElse(now));
        }
        String aside = aside(now.name(), present);
        alter(quotedTable, "rename column " + quote(now.name()) + " to " + quote(aside), now.name(), "is new");
        add(quotedTable, now);
        return Optional.of(aside);
    }

    /** A name that nobody has: two long ones may begin alike, and are cut. */
    private String aside(String column, Set<String> present) {
        String prefix = "_tidemark_until_" + after.version() + "_";
        String name = cut(prefix + column);
        for (int number = 2; present.contains(name); number++) {
            name = cut(prefix + number + "_" + column);
        }
        return name;
    }

    private static String cut(String name) {
        String cut = name;
        while (cut.getBytes(StandardCharsets.UTF_8).length > MAX_IDENTIFIER_BYTES) {
            cut = cut.substring(0, cut.offsetByCodePoints(cut.length(), -1));
        }
        return cut;
    }

    private void add(String quotedTable, Column column) throws SQLException {
        alter(quotedTable, "add column " + quote(column.name()) + " " + setup.type(column), column.name(), "is new");
    }

    /** Whether each value of the one is a value of the other, and the same one. */
    private static boolean keepsValues(Column then, Column now) {
        int place = WHOLE_NUMBERS.indexOf(now.type());
        int wasPlace = WHOLE_NUMBERS.subList(0, WHOLE_NUMBERS.size() - 1).indexOf(then.type());
        return then.fits(now) || (wasPlace >= 0 && place >= wasPlace);
    }

    private static String quote(String column) {
        return SqlIdentifiers.quote(column);
    }

    private void alter(String quotedTable, String what, String column, String happened) throws SQLException {
        try {
            setup.execute("alter table " + quotedTable + " " + what);
        } catch (SQLException e) {
            throw HinderedException.hinders(e)
                    ? new HinderedException(
                            "Column '" + column + "' of " + after.table() + " " + happened
                                    + ", and table " + quotedTable + " of its mirror in " + setup.store()
                                    + " cannot follow. Drop, rename or change what is in the way; then the mirror goes on by"
                                    + " itself, and nothing is lost",
                            e)
                    : e;
        }
    }
}
