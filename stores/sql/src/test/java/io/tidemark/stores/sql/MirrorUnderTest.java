package io.tidemark.stores.sql;

import io.tidemark.model.Column;
import io.tidemark.model.Relation;
import io.tidemark.model.TableId;
import io.tidemark.model.store.DocumentReader;
import io.tidemark.model.store.DocumentWriter;
import io.tidemark.model.store.Generation;
import io.tidemark.testkit.conformance.Difference;
import java.util.List;
import java.util.Map;

/** A mirror of one table. */
final class MirrorUnderTest extends SqlUnderTest {

    private static final Relation RELATION = new Relation(
            TableId.parse("public.products"),
            List.of(new Column("id", "bigint", 20, false), new Column("v", "text", 25, true)),
            List.of("id"),
            List.of(),
            1);

    MirrorUnderTest() {
        super(RELATION.table().name());
    }

    @Override
    public String collection() {
        return RELATION.table().toString();
    }

    @Override
    public DocumentWriter writer(Generation generation, int partitions) {
        return new SqlMirrorWriter(proxied(), SCHEMA, List.of(RELATION), generation, partitions);
    }

    @Override
    public DocumentReader reader(Generation generation) {
        return new SqlMirrorReader(direct(), SCHEMA, List.of(RELATION), generation);
    }

    @Override
    public Map<Difference, String> differences() {
        return Map.of(
                Difference.ONE_WRITER,
                "a mirror's writer owns all partitions, so that whole transactions can be written",
                Difference.BATCH_IS_ONE_TRANSACTION,
                "a reader must never see half a source transaction");
    }

    @Override
    public void shortenGrace() {
        // Deletes are forgotten by outlastGrace, whatever their time.
    }
}
