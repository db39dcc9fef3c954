package io.tidemark.testkit.conformance;

/**
 * One promise of {@link io.tidemark.model.store.DocumentWriter} or {@link io.tidemark.model.store.DocumentReader}.
 *
 * @param name a sentence
 */
public record ConformanceCase(String name, Body body) {

    /** What is done and asserted. */
    @FunctionalInterface
    interface Body {
        void run(Scenario scenario) throws Exception;
    }

    /**
     * Runs against a store with nothing in it, and closes it.
     *
     * @throws AssertionError when the promise is not kept
     * @throws Exception when the store throws what it must not
     */
    public void run(StoreUnderTest store) throws Exception {
        try (store;
                Scenario scenario = Scenario.begin(store)) {
            body.run(scenario);
        }
    }
}
