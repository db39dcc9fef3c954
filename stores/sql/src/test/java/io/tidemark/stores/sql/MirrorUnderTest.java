package io.tidemark.stores.sql;

import io.tidemark.model.Column;
import io.tidemark.model.Operation;
import io.tidemark.model.Relation;
import io.tidemark.model.TableId;
import io.tidemark.model.store.AppliedTidemark;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.DocumentMender;
import io.tidemark.model.store.DocumentReader;
import io.tidemark.model.store.DocumentWriter;
import io.tidemark.model.store.Generation;
import io.tidemark.model.store.WriteOutcome;
import io.tidemark.testkit.conformance.Difference;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A mirror of one table. */
final class MirrorUnderTest extends SqlUnderTest {

    private static final Relation RELATION = new Relation(
            TableId.parse("public.products"),
            List.of(new Column("id", "bigint", 20, false), new Column("v", "text", 25, true)),
            List.of("id"),
            List.of(),
            1);

    private final boolean history;

    MirrorUnderTest(boolean history) {
        super(RELATION.table().name());
        this.history = history;
    }

    @Override
    public String collection() {
        return RELATION.table().toString();
    }

    @Override
    public DocumentWriter writer(Generation generation, int partitions) {
        SqlMirror mirror = new SqlMirror(SCHEMA, List.of(RELATION), history);
        return new Dated(new SqlMirrorWriter(proxied(), mirror, generation, partitions));
    }

    /** Says of each document where it comes from, as a mirror's delivery does. */
    private record Dated(DocumentWriter writer) implements DocumentWriter {

        @Override
        public void open() {
            writer.open();
        }

        @Override
        public List<AppliedTidemark> claims() {
            return writer.claims();
        }

        @Override
        public void forget(Set<Integer> partitions) {
            writer.forget(partitions);
        }

        @Override
        public void rejoin() {
            writer.rejoin();
        }

        @Override
        public List<WriteOutcome> write(List<Document> batch, List<AppliedTidemark> claims) {
            return writer.write(batch.stream().map(Dated::dated).toList(), claims);
        }

        private static Document dated(Document document) {
            Document.Origin origin = new Document.Origin(
                    Operation.UPDATE, Instant.ofEpochMilli(document.version().position()));
            return document.from(origin);
        }

        @Override
        public void close() {
            writer.close();
        }
    }

    @Override
    public DocumentMender mender(Generation generation) {
        return SqlMender.ofMirror(direct(), new SqlMirror(SCHEMA, List.of(RELATION), history), generation);
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
