package io.tidemark.stores.redis;

import io.tidemark.testkit.conformance.DocumentStoreConformance;
import io.tidemark.testkit.conformance.StoreUnderTest;

class RedisConformanceIT extends DocumentStoreConformance {

    @Override
    protected StoreUnderTest store() {
        return new RedisUnderTest(RedisUnderTest.STRINGS);
    }
}
