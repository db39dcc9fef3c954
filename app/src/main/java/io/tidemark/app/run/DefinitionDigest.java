package io.tidemark.app.run;

import io.tidemark.model.definition.Children;
import io.tidemark.model.definition.DocumentModel;
import io.tidemark.model.definition.DocumentNode;
import io.tidemark.model.definition.MirrorModel;
import io.tidemark.model.definition.ReadModel;
import io.tidemark.model.definition.SortColumn;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** Tells definitions apart: what was built by one is not what another would build. */
final class DefinitionDigest {

    private static final int SHOWN_BYTES = 6;

    private DefinitionDigest() {}

    /** Twelve hexadecimal digits that change with what a model is made of; not with its name or where it is written. */
    static String of(ReadModel model) {
        String text = model instanceof DocumentModel document ? text(document) : text((MirrorModel) model);
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, SHOWN_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JVM has SHA-256", e);
        }
    }

    private static String text(MirrorModel mirror) {
        return "mirror " + mirror.tables() + (mirror.history() ? " history" : "");
    }

    private static String text(DocumentModel document) {
        return text(document.root())
                + (document.hasOwnKey() ? " key " + document.key() : "")
                + (document.form().isAsAssembled()
                        ? ""
                        : " stored " + document.form().version());
    }

    /** What a definition does not use is not in its text, so that new words of the language change no digest. */
    private static String text(DocumentNode node) {
        StringBuilder text =
                new StringBuilder("(" + node.table() + " " + node.relation().primaryKey() + " " + fields(node));
        if (!node.constants().isEmpty()) {
            text.append(' ').append(node.constants());
        }
        node.references().forEach(reference -> text.append(reference.lifted() ? " lifted " : " one ")
                .append(reference.name())
                .append(reference.by())
                .append(text(reference.node())));
        node.children().forEach(children -> text.append(text(children)));
        if (!node.where().isEveryRow()) {
            text.append(" where ").append(node.where().sql("t"));
        }
        return text.append(")").toString();
    }

    private static List<String> fields(DocumentNode node) {
        return node.fields().stream()
                .map(field -> field.name().equals(field.column()) ? field.column() : field.toString())
                .toList();
    }

    private static String text(Children children) {
        StringBuilder text = new StringBuilder(" many " + children.name() + children.by() + order(children));
        if (children.limit() != Children.ALL
                || !children.listed()
                || !children.aggregates().isEmpty()) {
            text.append(children.limit()).append(children.listed()).append(children.aggregates());
        }
        return text.append(text(children.node())).toString();
    }

    private static List<String> order(Children children) {
        return children.orderBy().stream()
                .map(by -> by.equals(SortColumn.ascending(by.column())) ? by.column() : by.toString())
                .toList();
    }
}
