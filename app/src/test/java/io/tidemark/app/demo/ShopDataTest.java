package io.tidemark.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ShopDataTest {

    private static final ShopSize SIZE = ShopSize.ofScale(0.1);

    @Test
    void every_order_totals_its_lines() {
        ShopData data = new ShopData(7, SIZE);
        for (long id = 1; id <= SIZE.orders(); id++) {
            ShopData.Order order = data.order(id);
            BigDecimal sum = order.lines().stream()
                    .map(line -> line.price().multiply(BigDecimal.valueOf(line.quantity())))
                    .reduce(BigDecimal.ZERO, BigDecimal::add);
            assertThat(order.total()).isEqualByComparingTo(sum);
            assertThat(order.customerId()).isBetween(1L, SIZE.customers());
        }
    }

    @Test
    void the_same_seed_gives_the_same_shop_and_another_seed_another() {
        assertThat(new ShopData(7, SIZE).order(3)).isEqualTo(new ShopData(7, SIZE).order(3));
        assertThat(new ShopData(7, SIZE).order(3)).isNotEqualTo(new ShopData(8, SIZE).order(3));
    }

    @Test
    void sizes_are_as_promised() {
        assertThat(ShopSize.ofScale(1.0)).isEqualTo(new ShopSize(10_000, 2_000, 50_000));
        ShopData data = new ShopData(1, SIZE);
        long orders = SIZE.orders();
        long lines = LongStream.rangeClosed(1, orders)
                .map(id -> data.order(id).lines().size())
                .sum();
        long paid = LongStream.rangeClosed(1, orders).filter(data::isPaid).count();
        assertThat((double) lines / orders).isBetween(2.8, 3.2);
        assertThat((double) paid / orders).isBetween(0.77, 0.83);
    }

    @Test
    void the_operations_share_a_hundred_percent_and_all_occur() {
        assertThat(Arrays.stream(ShopOperation.values())
                        .mapToInt(ShopOperation::percent)
                        .sum())
                .isEqualTo(100);
        SplittableRandom random = new SplittableRandom(1);
        EnumSet<ShopOperation> seen = EnumSet.noneOf(ShopOperation.class);
        for (int i = 0; i < 2_000; i++) {
            seen.add(ShopOperation.any(random));
        }
        assertThat(seen).isEqualTo(EnumSet.allOf(ShopOperation.class));
    }
}
