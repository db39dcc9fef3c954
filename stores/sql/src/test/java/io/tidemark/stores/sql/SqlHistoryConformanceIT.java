package io.tidemark.stores.sql;

import io.tidemark.testkit.conformance.DocumentStoreConformance;
import io.tidemark.testkit.conformance.StoreUnderTest;

class SqlHistoryConformanceIT extends DocumentStoreConformance {

    @Override
    protected StoreUnderTest store() {
        return new MirrorUnderTest(true);
    }
}
