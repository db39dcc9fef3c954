package io.tidemark.stores.sql;

import io.tidemark.testkit.conformance.DocumentStoreConformance;
import io.tidemark.testkit.conformance.StoreUnderTest;

class SqlMirrorConformanceIT extends DocumentStoreConformance {

    @Override
    protected StoreUnderTest store() {
        return new MirrorUnderTest(false);
    }
}
