package io.tidemark.stores.sql;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.Relation;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.Version;
import io.tidemark.stores.sql.MirrorDescriptions.Described;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The tables of a mirror, which follow their descriptions within the transactions that write. Not thread-safe.
 *
 * <p>Current rows are written by the newest description. Versions come in order, and each is written by the description
 * of then; or by the next one there is, where that of then was compacted away while the mirror was.
 */
final class FollowedTables {

    private static final Version BEFORE_ALL = new Version(0, 0);

    private final SqlMirror mirror;
    private final MirrorPlace place;
    private final String store;
    private final MirrorDescriptions descriptions;

    private Map<String, Described> described = new TreeMap<>();
    private MirrorTables tables;
    private List<Relation> wanted = List.of();
    private boolean begun;

    /** A transaction altered something, and may have been taken back, or committed without our knowing. */
    private boolean altered;

    FollowedTables(SqlMirror mirror, MirrorPlace place, String store, MirrorDescriptions descriptions) {
        this.mirror = mirror;
        this.place = place;
        this.store = store;
        this.descriptions = descriptions;
        this.tables = new MirrorTables(mirror);
    }

    /** Makes what is missing, as it was described last. */
    void open(Connection connection, boolean hasClaims) throws SQLException {
        begun = hasClaims;
        descriptions.create(connection);
        Map<String, Described> known = descriptions.all(connection);
        MirrorSetup missing = new MirrorSetup(setup(connection));
        tables = new MirrorTables(mirror).in(place.name());
        for (Relation relation : mirror.relations()) {
            Described noted = known.get(relation.table().toString());
            if (noted == null) {
                requireNew(missing, relation, hasClaims);
                descriptions.save(connection, new Described(relation, Set.of()));
            }
            Relation is = noted == null ? relation : noted.relation();
            tables = tables.withRows(is);
            missing.createTable(tables.of(is.table().toString()), begun);
            if (mirror.history()) {
                tables = tables.withHistory(is);
                missing.createHistory(tables.historyOf(is.table().toString()), begun);
            }
        }
        altered = true;
        begin(connection);
    }

    /** Of a table that was made without a note nobody knows what its columns were in the source. */
    private void requireNew(MirrorSetup missing, Relation relation, boolean hasClaims) throws SQLException {
        if (hasClaims || missing.isMade(tables.of(relation.table().toString()))) {
            throw new TidemarkException(
                    ErrorCode.CONFIGURATION,
                    "The mirror in schema '" + place.name() + "' of " + store
                            + " was written by an earlier build, which did not note how the source described "
                            + relation.table()
                            + ". Drop the schema, or give the mirror another name and schema: it is filled anew");
        }
    }

    /** The schema has another name now. */
    void moved() {
        tables = tables.in(place.name());
    }

    /** From here on the tables are to be as described by the newest of each, and in between as by those before. */
    void follow(List<Relation> relations) {
        Map<String, Map<Version, Relation>> byTable = new TreeMap<>();
        for (Relation each : relations) {
            byTable.computeIfAbsent(each.table().toString(), table -> new TreeMap<>())
                    .put(each.from(), each);
        }
        byTable.keySet().retainAll(described.keySet());
        wanted = byTable.values().stream()
                .flatMap(ofTable -> ofTable.values().stream())
                .sorted(Comparator.comparing(Relation::from))
                .toList();
    }

    /** A transaction begins: the tables are as the store says. */
    void begin(Connection connection) throws SQLException {
        if (!altered) {
            return;
        }
        Map<String, Described> known = descriptions.all(connection);
        known.keySet()
                .retainAll(mirror.relations().stream()
                        .map(each -> each.table().toString())
                        .toList());
        for (Described each : known.values()) {
            tables = tables.withRows(each.relation());
            if (mirror.history()) {
                tables = tables.withHistory(each.relation());
            }
        }
        described = known;
        altered = false;
    }

    /** What is claimed is committed: from here on every version is written by the description of then. */
    void begun() {
        begun = true;
    }

    MirrorTables tables() {
        return tables;
    }

    /** Whether a row is still to come again, in the form its table has. */
    static boolean comesAgain(Relation relation, Version version) {
        return version.compareTo(relation.rowsFrom()) < 0;
    }

    /** Alters the tables of current rows, and those of versions where nothing has been claimed yet. */
    void alterRows(Connection connection) throws SQLException {
        Map<String, Relation> newest = new TreeMap<>();
        wanted.forEach(each -> newest.put(each.table().toString(), each));
        for (Map.Entry<String, Relation> next : newest.entrySet()) {
            Relation is = tables.of(next.getKey()).relation();
            if (!is.equals(next.getValue())) {
                altered = true;
                new MirrorAlteration(setup(connection), is, next.getValue()).ofRows(tables.of(next.getKey()));
                tables = tables.withRows(next.getValue());
                noteRows(connection, next.getValue());
            }
            if (mirror.history() && !begun) {
                alterHistory(connection, next.getValue());
            }
        }
    }

    private void noteRows(Connection connection, Relation relation) throws SQLException {
        if (!mirror.history()) {
            note(connection, new Described(relation, Set.of()));
        }
    }

    private void note(Connection connection, Described next) throws SQLException {
        descriptions.save(connection, next);
        described.put(next.relation().table().toString(), next);
    }

    /** The next description that a table of versions is to follow; empty when all do. */
    Optional<Relation> nextOfHistory() {
        if (!mirror.history()) {
            return Optional.empty();
        }
        Map<String, Relation> nextByTable = new TreeMap<>();
        wanted.stream()
                .filter(this::isNext)
                .forEach(each -> nextByTable.putIfAbsent(each.table().toString(), each));
        return nextByTable.values().stream().min(Comparator.comparing(this::followedFrom));
    }

    /**
     * From which version on a table of versions is to be as the next description says. Of what was written while one held that
     * nobody has any more, the next one tells what counts as it stands.
     */
    Version followedFrom(Relation next) {
        int known = tables.historyOf(next.table().toString()).relation().version();
        return next.version() > known + 1 ? BEFORE_ALL : next.from();
    }

    /** Whether a version is written by a description of later, since nobody has that of its time any more. */
    boolean describedLater(String collection, Version version) {
        return begun
                && version.compareTo(tables.historyOf(collection).relation().from()) < 0;
    }

    private boolean isNext(Relation relation) {
        Relation is = tables.historyOf(relation.table().toString()).relation();
        int later = relation.from().compareTo(is.from());
        return later > 0 || (later == 0 && !relation.equals(is));
    }

    /** Alters a table of versions: those that come are as described. */
    void alterHistory(Connection connection, Relation relation) throws SQLException {
        String collection = relation.table().toString();
        HistoryTable table = tables.historyOf(collection);
        if (table.relation().equals(relation)) {
            return;
        }
        altered = true;
        Described is = described.getOrDefault(collection, new Described(relation, Set.of()));
        Set<String> kept =
                new MirrorAlteration(setup(connection), table.relation(), relation).ofHistory(table, is.kept());
        tables = tables.withHistory(relation);
        note(connection, new Described(relation, kept));
    }

    /** All that is written up to a claim is written: what no version followed is followed by. */
    void alterAllHistories(Connection connection) throws SQLException {
        for (Optional<Relation> next = nextOfHistory(); next.isPresent(); next = nextOfHistory()) {
            alterHistory(connection, next.get());
        }
    }

    private TableSetup setup(Connection connection) {
        return new TableSetup(connection, store, place.name());
    }
}
