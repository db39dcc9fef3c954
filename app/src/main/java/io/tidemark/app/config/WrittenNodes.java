package io.tidemark.app.config;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** Makes of what is written in Java what the file's text would have become, so that all the same is asked of both. */
final class WrittenNodes {

    private static final String READ_MODELS = "read-models";

    private WrittenNodes() {}

    /** The file with more read models. */
    static MappingNode withModels(MappingNode file, List<WrittenModel> models) {
        if (models.isEmpty()) {
            return file;
        }
        List<NodeTuple> written = models.stream()
                .map(model -> tuple(model.name(), model.definition()))
                .toList();
        List<NodeTuple> tuples = new ArrayList<>();
        boolean found = false;
        for (NodeTuple tuple : file.getValue()) {
            boolean joins = isReadModels(tuple) && tuple.getValueNode() instanceof MappingNode;
            found |= isReadModels(tuple);
            tuples.add(
                    joins
                            ? new NodeTuple(tuple.getKeyNode(), joined((MappingNode) tuple.getValueNode(), written))
                            : tuple);
        }
        if (!found) {
            Mention key = new Mention(READ_MODELS, models.get(0).name().place());
            tuples.add(new NodeTuple(scalar(key.text(), key.place()), mapping(written, key.place())));
        }
        return new MappingNode(
                file.getTag(), true, tuples, file.getFlowStyle(), file.getStartMark(), file.getEndMark());
    }

    private static boolean isReadModels(NodeTuple tuple) {
        return tuple.getKeyNode() instanceof ScalarNode key && key.getValue().equals(READ_MODELS);
    }

    private static MappingNode joined(MappingNode inFile, List<NodeTuple> written) {
        List<NodeTuple> tuples = new ArrayList<>(inFile.getValue());
        tuples.addAll(written);
        return new MappingNode(
                inFile.getTag(), true, tuples, inFile.getFlowStyle(), inFile.getStartMark(), inFile.getEndMark());
    }

    private static NodeTuple tuple(Mention key, Written value) {
        return new NodeTuple(scalar(key.text(), key.place()), node(value));
    }

    private static Node node(Written written) {
        if (written instanceof Written.Entries entries) {
            return mapping(
                    entries.entries().stream()
                            .map(entry -> tuple(entry.key(), entry.value()))
                            .toList(),
                    entries.place());
        }
        if (written instanceof Written.Items items) {
            List<Node> nodes = items.items().stream().map(WrittenNodes::node).toList();
            return new SequenceNode(Tag.SEQ, true, nodes, FlowStyle.FLOW, mark(items.place()), Optional.empty());
        }
        Written.Scalar scalar = (Written.Scalar) written;
        // References are the file's: in Java there is the language itself.
        return scalar.value() instanceof String text
                ? scalar(text.replace("${", "$${"), scalar.place())
                : scalar(tag(scalar.value()), text(scalar.value()), scalar.place());
    }

    private static MappingNode mapping(List<NodeTuple> tuples, Place place) {
        return new MappingNode(Tag.MAP, true, tuples, FlowStyle.FLOW, mark(place), Optional.empty());
    }

    private static ScalarNode scalar(String text, Place place) {
        return scalar(Tag.STR, text, place);
    }

    private static ScalarNode scalar(Tag tag, String text, Place place) {
        return new ScalarNode(tag, true, text, ScalarStyle.DOUBLE_QUOTED, mark(place), Optional.empty());
    }

    private static Tag tag(Object value) {
        if (value instanceof Boolean) {
            return Tag.BOOL;
        }
        return value instanceof BigDecimal ? Tag.FLOAT : Tag.INT;
    }

    private static String text(Object value) {
        return value instanceof BigDecimal number ? number.toPlainString() : value.toString();
    }

    private static Optional<Mark> mark(Place place) {
        return Optional.of(new Mark(place.file(), 0, place.line() - 1, place.column() - 1, new int[0], 0));
    }
}
