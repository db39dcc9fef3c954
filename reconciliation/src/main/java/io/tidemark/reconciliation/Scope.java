package io.tidemark.reconciliation;

import io.tidemark.model.RowKey;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** What of a read model is compared. */
public sealed interface Scope {

    Scope EVERYTHING = new Everything();

    /** What a verdict does not speak of, for people; empty when it speaks of everything. */
    String text();

    /** Both sides whole. */
    record Everything() implements Scope {

        @Override
        public String text() {
            return "";
        }
    }

    /**
     * Some documents, on both sides.
     *
     * @param of each collection, by its name; each key once
     * @param text that says which, for people
     */
    record Keys(Map<String, List<RowKey>> of, String text) implements Scope {

        public Keys {
            of = Map.copyOf(of);
        }

        List<RowKey> in(ComparedCollection collection) {
            return of.getOrDefault(collection.name(), List.of());
        }

        /** Those that somebody asked for. */
        static Keys askedFor(Map<String, List<RowKey>> keys) {
            long count = count(keys);
            return new Keys(keys, count == 1 ? "only the one key asked for" : "only the " + count + " keys asked for");
        }

        /** Those that changed since some time. */
        public static Keys changedSince(Instant time, Map<String, List<RowKey>> keys) {
            return new Keys(keys, "only the " + count(keys) + " keys that changed since " + time);
        }

        private static long count(Map<String, List<RowKey>> keys) {
            return keys.values().stream().mapToLong(List::size).sum();
        }
    }

    /**
     * Some documents of the source, each as likely as any other. What a store has beyond the source is not looked for.
     *
     * @param fraction of the documents, above 0 and up to 1
     */
    record Sample(double fraction) implements Scope {

        public Sample {
            if (!(fraction > 0 && fraction <= 1)) {
                throw new IllegalArgumentException("A sample is a part above 0 and up to 1, not " + fraction);
            }
        }

        /** As SQL takes it. */
        String percent() {
            return BigDecimal.valueOf(fraction)
                    .movePointRight(2)
                    .stripTrailingZeros()
                    .toPlainString();
        }

        @Override
        public String text() {
            return "only a sample of " + percent() + " %, and not what the source does not have";
        }
    }
}
