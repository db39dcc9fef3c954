package io.tidemark.stores.elasticsearch;

import io.tidemark.testkit.conformance.DocumentStoreConformance;
import io.tidemark.testkit.conformance.StoreUnderTest;

class ElasticsearchConformanceIT extends DocumentStoreConformance {

    @Override
    protected StoreUnderTest store() {
        return new ElasticsearchUnderTest();
    }
}
