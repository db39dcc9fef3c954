package io.tidemark.benchmarks;

import io.tidemark.model.store.DocumentReader;
import io.tidemark.model.store.DocumentWriter;
import io.tidemark.stores.elasticsearch.ElasticsearchReader;
import io.tidemark.stores.elasticsearch.ElasticsearchSettings;
import io.tidemark.stores.elasticsearch.ElasticsearchWriter;
import io.tidemark.stores.elasticsearch.IndexAdditions;
import java.util.List;

/**
 * An index with an alias before it.
 *
 * @param name of the alias
 */
record ElasticsearchPlace(String url, String name) implements Place {

    static final String KIND = "elasticsearch";

    /** The index itself. */
    String index() {
        return name + "-1";
    }

    @Override
    public List<String> arguments() {
        return List.of(KIND, name, url);
    }

    @Override
    public DocumentWriter writer() {
        return elasticsearchWriter();
    }

    private ElasticsearchWriter elasticsearchWriter() {
        return new ElasticsearchWriter(
                ElasticsearchSettings.of(url),
                name,
                generation(),
                Lane.PARTITIONS,
                OrderDocuments.NUMBERS,
                IndexAdditions.none());
    }

    @Override
    public DocumentReader reader() {
        return new ElasticsearchReader(ElasticsearchSettings.of(url), name, generation());
    }

    @Override
    public Digest content() {
        try (PlainHttp http = new PlainHttp(url)) {
            http.ask("POST", "/" + index() + "/_refresh", new byte[0]);
        }
        return Place.super.content();
    }

    @Override
    public void close() {
        try (PlainHttp http = new PlainHttp(url)) {
            http.ask("DELETE", "/" + index(), new byte[0]);
        }
    }
}
