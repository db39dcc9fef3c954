package io.tidemark.benchmarks;

import io.tidemark.model.store.DocumentReader;
import io.tidemark.model.store.DocumentWriter;
import io.tidemark.model.store.Generation;
import java.util.List;

/** Where one contender's documents go: an index, the keys with a prefix, a table. Nobody else writes there. */
interface Place extends AutoCloseable {

    /** Number of documents read back at once. */
    int READ = 2_000;

    /** Reads what {@link #arguments} gave, in a process under measure. */
    static Place of(List<String> arguments) {
        String name = arguments.get(1);
        return switch (arguments.get(0)) {
            case ElasticsearchPlace.KIND -> new ElasticsearchPlace(arguments.get(2), name);
            case RedisPlace.KIND -> new RedisPlace(arguments.get(2), name);
            default -> new SqlPlace(arguments.get(2), arguments.get(3), arguments.get(4), name);
        };
    }

    List<String> arguments();

    String name();

    /** A writer of Tidemark's into it, not open yet. */
    DocumentWriter writer();

    DocumentReader reader();

    /** Takes away what is there. */
    @Override
    void close();

    default Generation generation() {
        return new Generation(name(), 1, "benchmarks/1");
    }

    /** Makes it as Tidemark's writer makes it, for those who do not. */
    default void make() {
        try (DocumentWriter writer = writer()) {
            writer.open();
        }
    }

    /** What is there, read back whole. */
    default Digest content() {
        DocumentDigest digest = new DocumentDigest();
        try (DocumentReader reader = reader()) {
            reader.scan(name(), READ, batch -> batch.forEach(each -> digest.add(each.body())));
        }
        return digest.digest();
    }
}
