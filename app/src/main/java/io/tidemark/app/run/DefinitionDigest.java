package io.tidemark.app.run;

import io.tidemark.model.definition.DocumentModel;
import io.tidemark.model.definition.DocumentNode;
import io.tidemark.model.definition.MirrorModel;
import io.tidemark.model.definition.ReadModel;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Tells definitions apart: what was built by one is not what another would build. */
final class DefinitionDigest {

    private static final int SHOWN_BYTES = 6;

    private DefinitionDigest() {}

    /** Twelve hexadecimal digits that change with what a model is made of; not with its name or where it is written. */
    static String of(ReadModel model) {
        String text = model instanceof DocumentModel document
                ? text(document.root())
                : "mirror " + ((MirrorModel) model).tables();
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, SHOWN_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JVM has SHA-256", e);
        }
    }

    private static String text(DocumentNode node) {
        StringBuilder text = new StringBuilder(
                "(" + node.table() + " " + node.relation().primaryKey() + " " + node.fields() + " " + node.constants());
        node.references().forEach(reference -> text.append(reference.lifted() ? " lifted " : " one ")
                .append(reference.name())
                .append(reference.by())
                .append(text(reference.node())));
        node.children().forEach(children -> text.append(" many ")
                .append(children.name())
                .append(children.by())
                .append(children.orderBy())
                .append(children.limit())
                .append(children.listed())
                .append(children.aggregates())
                .append(text(children.node())));
        if (!node.where().isEveryRow()) {
            text.append(" where ").append(node.where().sql("t"));
        }
        return text.append(")").toString();
    }
}
