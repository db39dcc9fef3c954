package io.tidemark.app.embed;

import io.tidemark.app.config.WrittenModel;
import java.util.function.Consumer;

/**
 * A read model of documents, written in Java. It means what the same would mean in the file, and the same is asked of it;
 * what is wrong is said with the line of Java.
 *
 * @param model as the configuration takes it
 */
public record DocumentDefinition(WrittenModel model) {

    /**
     * Defines one.
     *
     * @param name of the read model: letters, digits, {@code _} and {@code -}
     * @param table the root, {@code schema.table}
     * @param content says what its documents are, and where they go
     */
    public static DocumentDefinition of(String name, String table, Consumer<DocumentBuilder> content) {
        DocumentBuilder builder = new DocumentBuilder(name, table, CallSite.place());
        content.accept(builder);
        return new DocumentDefinition(builder.model());
    }

    public String name() {
        return model.name().text();
    }
}
