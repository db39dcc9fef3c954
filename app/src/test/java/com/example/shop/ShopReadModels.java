package com.example.shop;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.app.embed.DocumentDefinition;
import io.tidemark.app.embed.EmbeddedReadModels;
import io.tidemark.app.embed.ManyBuilder.Order;
import io.tidemark.model.RowKey;
import java.nio.file.Path;
import java.util.List;

/** The read models of a shop's service. */
public final class ShopReadModels {

    private static final DocumentDefinition CARDS =
            DocumentDefinition.of("order-cards", "public.orders", order -> order.fields("id", "status", "total")
                    .field("placed", "placed_at")
                    .where("status <> 'cancelled'")
                    .one("customer", "public.customers", customer -> customer.by("customer_id")
                            .fields("name", "tier"))
                    .many("lines", "public.order_lines", lines -> lines.by("order_id")
                            .orderBy("quantity", Order.DESC)
                            .orderBy("line_no")
                            .limit(3)
                            .fields("quantity", "price")
                            .count("line_count"))
                    .storedAs("1", ShopReadModels::card)
                    .to("cache", "card:{id}")
                    .to("search", "cards"));

    private ShopReadModels() {}

    /** What the stores hold: the order with a title for people. */
    private static ObjectNode card(RowKey key, ObjectNode order) {
        if (order.get("total").decimalValue().signum() < 0) {
            throw new IllegalArgumentException("an order cannot cost less than nothing");
        }
        String customer = order.path("customer").path("name").asText("nobody");
        order.remove("customer");
        return order.put("title", "Order " + key.text() + " of " + customer);
    }

    /** Keeps them in step until closed. */
    public static EmbeddedReadModels start(Path configuration, Path state) throws InterruptedException {
        EmbeddedReadModels readModels = EmbeddedReadModels.of(configuration, state, List.of(CARDS));
        readModels.start();
        return readModels;
    }
}
