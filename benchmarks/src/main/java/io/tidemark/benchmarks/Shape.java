package io.tidemark.benchmarks;

/**
 * How a backlog's rows are spread over transactions.
 *
 * @param name as printed
 */
record Shape(String name, int transactions, int rowsEach) {

    static final Shape ONE_ROW = new Shape("200,000 one-row transactions", 200_000, 1);
    static final Shape THOUSAND_ROWS = new Shape("200 transactions of 1,000 rows", 200, 1_000);
    static final Shape ONE_LARGE = new Shape("one transaction of 500,000 rows", 1, 500_000);

    /** A smaller or larger backlog of the same kind. */
    Shape scaled(double scale) {
        boolean single = transactions == 1;
        int times = single ? 1 : (int) Math.max(1, Math.round(transactions * scale));
        int rows = single ? (int) Math.max(1, Math.round(rowsEach * scale)) : rowsEach;
        String text = scale == 1 ? name : name + " x " + scale;
        return new Shape(text, times, rows);
    }

    long rows() {
        return (long) transactions * rowsEach;
    }
}
