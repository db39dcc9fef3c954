package io.tidemark.app.demo;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The rows a seed stands for. Each row depends on the seed and its own id alone, so tables can be written one after
 * the other without keeping rows in memory.
 */
final class ShopData {

    record Customer(long id, String name, String email, String tier, Instant createdAt) {}

    record Product(long id, String sku, String name, String category, BigDecimal price) {}

    record Order(long id, long customerId, String status, BigDecimal total, Instant placedAt, List<Line> lines) {}

    record Line(long orderId, int lineNo, long productId, int quantity, BigDecimal price) {}

    record Payment(long id, long orderId, BigDecimal amount, String method, Instant paidAt) {}

    private static final Instant EPOCH = Instant.parse("2026-01-01T00:00:00Z");
    private static final int SECONDS_PER_YEAR = 365 * 24 * 3600;
    private static final int MAX_LINES = 5;
    private static final int MAX_QUANTITY = 4;
    private static final int PAID_PERCENT = 80;

    private final long seed;
    private final ShopSize size;

    ShopData(long seed, ShopSize size) {
        this.seed = seed;
        this.size = size;
    }

    Customer customer(long id) {
        SplittableRandom random = random(1, id);
        String name = ShopWords.person(random);
        String email = "customer" + id + "@example.com";
        return new Customer(id, name, email, ShopWords.tier(random), before(random));
    }

    Product product(long id) {
        SplittableRandom random = random(2, id);
        return new Product(
                id, "SKU-%06d".formatted(id), ShopWords.product(random), ShopWords.category(random), price(id));
    }

    private BigDecimal price(long product) {
        return BigDecimal.valueOf(100 + random(6, product).nextInt(49_900), 2);
    }

    Order order(long id) {
        SplittableRandom random = random(3, id);
        long customer = 1 + random.nextLong(size.customers());
        Instant placedAt = before(random);
        boolean paid = isPaid(id);
        boolean shipped = random.nextBoolean();
        String unpaid = random.nextInt(5) == 0 ? "cancelled" : "new";
        List<Line> lines = lines(id, random);
        BigDecimal total = lines.stream()
                .map(line -> line.price().multiply(BigDecimal.valueOf(line.quantity())))
                .reduce(BigDecimal.ZERO.setScale(2), BigDecimal::add);
        return new Order(id, customer, paid ? shipped ? "shipped" : "paid" : unpaid, total, placedAt, lines);
    }

    boolean isPaid(long orderId) {
        return random(4, orderId).nextInt(100) < PAID_PERCENT;
    }

    /** The payment of a paid order. */
    Payment payment(long id, Order order) {
        SplittableRandom random = random(5, order.id());
        Instant paidAt = order.placedAt().plusSeconds(random.nextInt(86_400));
        return new Payment(id, order.id(), order.total(), ShopWords.method(random), paidAt);
    }

    private List<Line> lines(long orderId, SplittableRandom random) {
        int count = 1 + random.nextInt(MAX_LINES);
        List<Line> lines = new ArrayList<>(count);
        for (int lineNo = 1; lineNo <= count; lineNo++) {
            long product = 1 + random.nextLong(size.products());
            int quantity = 1 + random.nextInt(MAX_QUANTITY);
            lines.add(new Line(orderId, lineNo, product, quantity, price(product)));
        }
        return lines;
    }

    private static Instant before(SplittableRandom random) {
        return EPOCH.minus(random.nextInt(SECONDS_PER_YEAR), ChronoUnit.SECONDS);
    }

    /** Constants from SplitMix64, so that neighbouring ids have unrelated rows. */
    private SplittableRandom random(int table, long id) {
        return new SplittableRandom(seed ^ (id * 0x9E3779B97F4A7C15L) ^ (table * 0xBF58476D1CE4E5B9L));
    }
}
