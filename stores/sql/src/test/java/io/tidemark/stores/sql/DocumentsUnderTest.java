package io.tidemark.stores.sql;

import io.tidemark.model.Column;
import io.tidemark.model.TableId;
import io.tidemark.model.store.DocumentMender;
import io.tidemark.model.store.DocumentReader;
import io.tidemark.model.store.DocumentWriter;
import io.tidemark.model.store.Generation;
import io.tidemark.testkit.conformance.Difference;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/** A document model in a table, one entry of which is a column, too. */
final class DocumentsUnderTest extends SqlUnderTest {

    private static final Duration SHORT = Duration.ofSeconds(4);

    private static final SqlDocumentTable TABLE = new SqlDocumentTable(
            new TableId(SCHEMA, "products"),
            List.of(new Column("id", "bigint", 20, false)),
            List.of(new Column("v", "text", 25, true)));

    private Duration remembered = Duration.ofHours(1);

    DocumentsUnderTest() {
        super(TABLE.table().name());
    }

    @Override
    public String collection() {
        return "products-model";
    }

    @Override
    public DocumentWriter writer(Generation generation, int partitions) {
        return new SqlDocumentWriter(proxied().withDeletesRemembered(remembered), TABLE, generation, partitions);
    }

    @Override
    public DocumentMender mender(Generation generation) {
        return SqlMender.ofDocuments(direct(), TABLE, generation);
    }

    @Override
    public DocumentReader reader(Generation generation) {
        return new SqlDocumentReader(direct(), TABLE, generation);
    }

    @Override
    public Map<Difference, String> differences() {
        return Map.of();
    }

    @Override
    public void shortenGrace() {
        remembered = SHORT;
    }

    @Override
    public void outlastGrace() {
        LockSupport.parkNanos(remembered.toNanos());
        super.outlastGrace();
    }
}
