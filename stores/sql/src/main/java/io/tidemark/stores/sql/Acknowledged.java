package io.tidemark.stores.sql;

import io.tidemark.model.TidemarkRef;
import io.tidemark.model.store.AppliedTidemark;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a warehouse has acknowledged to one writer: how many batches, of which it keeps a count, and which claims. One that
 * knows less was set back: restored, or failed over to a server that did not have the newest commits. Not thread-safe.
 */
final class Acknowledged {

    private final Bookkeeping bookkeeping;
    private final UUID writer = UUID.randomUUID();
    private final Map<Integer, TidemarkRef> claimed = new HashMap<>();
    private List<AppliedTidemark> claiming = List.of();
    private long written;
    private long writing;
    private long tried;

    Acknowledged(Bookkeeping bookkeeping) {
        this.bookkeeping = bookkeeping;
    }

    /** Begins with nothing, in a transaction. */
    void begin(Connection connection) throws SQLException {
        bookkeeping.beginWrites(connection, writer);
        written = 0;
        tried = 0;
        claimed.clear();
        takenBack();
    }

    /**
     * The generation's claims, from which on batches are counted anew: what the warehouse lost before, or forgot of a writer
     * that was silent for long, shows in the claims.
     */
    List<AppliedTidemark> claims(Connection connection) throws SQLException {
        begin(connection);
        List<AppliedTidemark> claims = bookkeeping.claims(connection);
        claims.forEach(claim -> claimed.put(claim.partition(), claim.tidemark()));
        return claims;
    }

    void forgotten(Collection<Integer> partitions) {
        partitions.forEach(claimed::remove);
    }

    /**
     * Whether all that was acknowledged is there: every batch, and of the partitions to be claimed next the claims before.
     * Those of others may have been taken back by whoever fills them. Counts the transaction this is asked in.
     */
    boolean isThere(Connection connection, List<AppliedTidemark> next) throws SQLException {
        writing = ++tried;
        claiming = List.of();
        Optional<List<AppliedTidemark>> known = bookkeeping.countWrite(connection, writer, written, writing);
        Map<Integer, TidemarkRef> there = new HashMap<>();
        known.ifPresent(claims -> claims.forEach(claim -> there.put(claim.partition(), claim.tidemark())));
        return known.isPresent()
                && next.stream()
                        .map(AppliedTidemark::partition)
                        .allMatch(partition -> reaches(there.get(partition), claimed.get(partition)));
    }

    /** Of one number there is one content, whatever the LSN. */
    private static boolean reaches(@Nullable TidemarkRef there, @Nullable TidemarkRef ours) {
        return ours == null || (there != null && there.number() >= ours.number());
    }

    /** The transaction saves these. */
    void claiming(List<AppliedTidemark> claims) {
        claiming = claims;
    }

    /** The transaction was rolled back, by us, and may go on. */
    void takenBack() {
        writing = written;
        claiming = List.of();
    }

    /** The transaction is committed. */
    void committed() {
        written = writing;
        claiming.forEach(claim -> claimed.merge(
                claim.partition(), claim.tidemark(), (before, now) -> now.isAtLeast(before) ? now : before));
        claiming = List.of();
    }
}
