package io.tidemark.app.demo;

import java.util.SplittableRandom;

/** What the shop's traffic does; each is one transaction. */
public enum ShopOperation {
    PLACE_ORDER(22),
    PAY(14),
    SHIP(10),
    CANCEL(4),
    ADD_LINE(12),
    MOVE_LINE(8),
    REMOVE_LINE(8),
    CHANGE_LINE_PRODUCT(7),
    RENAME_CUSTOMER(6),
    RENAME_PRODUCT(2),
    DELETE_ORDER(4),
    DELETE_PAYMENT(3);

    private static final int TOTAL = 100;

    /** How many of a hundred transactions do this. */
    private final int percent;

    ShopOperation(int percent) {
        this.percent = percent;
    }

    int percent() {
        return percent;
    }

    static ShopOperation any(SplittableRandom random) {
        int left = random.nextInt(TOTAL);
        for (ShopOperation operation : values()) {
            left -= operation.percent;
            if (left < 0) {
                return operation;
            }
        }
        throw new IllegalStateException("The percentages of the operations do not add up to " + TOTAL);
    }
}
