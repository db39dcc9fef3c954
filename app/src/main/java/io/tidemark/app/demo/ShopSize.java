package io.tidemark.app.demo;

/** How many rows a shop starts with; orders have three lines on average, and four in five have a payment. */
public record ShopSize(long customers, long products, long orders) {

    private static final ShopSize FULL = new ShopSize(10_000, 2_000, 50_000);

    public ShopSize {
        if (customers < 1 || products < 1 || orders < 1) {
            throw new IllegalArgumentException("A shop has at least one customer, product and order");
        }
    }

    /** Sizes by scale: 1.0 has 10,000 customers, 2,000 products and 50,000 orders. */
    public static ShopSize ofScale(double scale) {
        return new ShopSize(scaled(FULL.customers, scale), scaled(FULL.products, scale), scaled(FULL.orders, scale));
    }

    private static long scaled(long full, double scale) {
        return Math.max(1, Math.round(full * scale));
    }
}
