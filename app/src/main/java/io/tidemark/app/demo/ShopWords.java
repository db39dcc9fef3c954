package io.tidemark.app.demo;

import java.util.List;
import java.util.SplittableRandom;

/** Names for the shop's rows. */
final class ShopWords {

    private static final List<String> FIRST = List.of(
            "Ada", "Björn", "Chiara", "Dmitri", "Elif", "Femi", "Grace", "Hiro", "Inés", "Jürgen", "Kofi", "Léa");
    private static final List<String> LAST = List.of(
            "Andersson", "Bianchi", "Çelik", "Dubois", "Eze", "Fernández", "Grün", "Hopper", "Ito", "Jansen", "Kaya");
    private static final List<String> ADJECTIVES =
            List.of("Amber", "Brisk", "Coastal", "Deep", "Even", "Faded", "Gentle", "Hollow", "Ivory", "Jade");
    private static final List<String> THINGS =
            List.of("anchor", "buoy", "compass", "dinghy", "ensign", "fender", "galley", "hawser", "jib", "keel");
    private static final List<String> CATEGORIES = List.of("deck", "galley", "navigation", "rigging", "safety");
    private static final List<String> TIERS = List.of("basic", "basic", "basic", "silver", "silver", "gold");
    private static final List<String> METHODS = List.of("card", "card", "transfer", "voucher");

    private ShopWords() {}

    static String person(SplittableRandom random) {
        return any(FIRST, random) + " " + any(LAST, random);
    }

    static String product(SplittableRandom random) {
        return any(ADJECTIVES, random) + " " + any(THINGS, random) + " " + (1 + random.nextInt(99));
    }

    static String category(SplittableRandom random) {
        return any(CATEGORIES, random);
    }

    static String tier(SplittableRandom random) {
        return any(TIERS, random);
    }

    static String method(SplittableRandom random) {
        return any(METHODS, random);
    }

    private static String any(List<String> words, SplittableRandom random) {
        return words.get(random.nextInt(words.size()));
    }
}
