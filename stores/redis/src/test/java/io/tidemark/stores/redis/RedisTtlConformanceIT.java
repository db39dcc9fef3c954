package io.tidemark.stores.redis;

import io.tidemark.testkit.conformance.DocumentStoreConformance;
import io.tidemark.testkit.conformance.StoreUnderTest;
import java.time.Duration;

class RedisTtlConformanceIT extends DocumentStoreConformance {

    @Override
    protected StoreUnderTest store() {
        return new RedisUnderTest(RedisUnderTest.HASHES.withTtl(Duration.ofHours(2)));
    }
}
