package io.tidemark.stores.elasticsearch;

/** An Elasticsearch as {@code tidemark check} sees it. */
public final class ElasticsearchStore {

    private ElasticsearchStore() {}

    /**
     * Reaches the server and signs in.
     *
     * @return the nodes' version, for example {@code Elasticsearch 8.19.21}
     * @throws io.tidemark.model.TidemarkException UNREACHABLE when it does not answer or refuses the credentials
     */
    public static String check(ElasticsearchSettings settings) {
        try (ElasticsearchServer server = new ElasticsearchServer(settings)) {
            // Not GET /: some distributions lack it.
            var nodes = server.orFail("GET", "/_nodes/_local?filter_path=nodes.*.version", null)
                    .json()
                    .path("nodes");
            String version = nodes.isEmpty()
                    ? ""
                    : nodes.elements().next().path("version").asText();
            return ("Elasticsearch " + version).strip();
        }
    }
}
