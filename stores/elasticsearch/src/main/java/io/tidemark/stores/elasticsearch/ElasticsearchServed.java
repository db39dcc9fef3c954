package io.tidemark.stores.elasticsearch;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.store.Generation;
import io.tidemark.model.store.ServedGeneration;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;

/**
 * Moves an alias from the index of one generation to that of another, in one step of the cluster's state. Decisions are not
 * remembered: Elasticsearch moves aliases under no condition that would tell an older one. Who moved it looks afterwards
 * whether it is still the newest.
 */
public final class ElasticsearchServed implements ServedGeneration {

    private final ElasticsearchServer server;
    private final PhysicalIndex index;
    private final TidemarkIndex bookkeeping;

    /**
     * Prepares it.
     *
     * @param alias what applications search
     */
    public ElasticsearchServed(ElasticsearchSettings settings, String alias, Generation generation) {
        this.server = new ElasticsearchServer(settings);
        this.index = PhysicalIndex.of(alias, generation);
        this.bookkeeping = new TidemarkIndex(server, generation);
    }

    @Override
    public void serve(int decision) {
        if (index.incarnation(server).isEmpty()) {
            throw new TidemarkException(
                    ErrorCode.FAILED,
                    "There is no index '" + index.name() + "' in " + server.display() + " that '" + index.alias()
                            + "' could be moved to: build the read model anew");
        }
        if (isServed()) {
            return;
        }
        requireOurs();
        // What is there is found by the first search, too.
        server.orFail("POST", "/" + index.name() + "/_refresh", null);
        ObjectNode request = Json.object();
        ArrayNode actions = request.putArray("actions");
        // Whichever generation has it by then: somebody else may move it, too.
        action(actions, "remove", "*").put("must_exist", false);
        action(actions, "add", index.name());
        server.orFail("POST", "/_aliases", request);
    }

    /** Searchers of somebody else's index go on finding what they found: it is not ours to take the alias off it. */
    private void requireOurs() {
        ObjectNode mappings = server.orFail("GET", "/" + index.alias() + "/_mapping", null, 404)
                .json();
        List<String> foreign = serving().stream()
                .filter(name -> !index.isOfModel(name, PhysicalIndex.owner(mappings, name)))
                .toList();
        if (!foreign.isEmpty()) {
            throw new TidemarkException(
                    ErrorCode.CONFIGURATION,
                    "The alias '" + index.alias() + "' in " + server.display() + " is on "
                            + String.join(", ", foreign) + ", which is no generation of "
                            + index.generation().model() + ", and stays there; '" + index.name()
                            + "' is not searched through it. Take the alias off, and the next look of a running"
                            + " process gives it to " + index.generation() + "; or choose another name for the target");
        }
    }

    /** An index of somebody else's that has the alias, too, is their affair. */
    @Override
    public boolean isServed() {
        List<String> serving = serving();
        String generations = Pattern.quote(index.alias()) + "-[0-9]+";
        return serving.contains(index.name())
                && serving.stream().noneMatch(each -> !each.equals(index.name()) && each.matches(generations));
    }

    /** The indexes that have the alias. */
    private List<String> serving() {
        var answer = server.orFail("GET", "/_alias/" + index.alias(), null, 404);
        Iterable<String> names = () -> answer.json().fieldNames();
        return answer.ok() ? StreamSupport.stream(names.spliterator(), false).toList() : List.of();
    }

    private ObjectNode action(ArrayNode actions, String kind, String name) {
        return actions.addObject().putObject(kind).put("index", name).put("alias", index.alias());
    }

    @Override
    public OptionalLong bytes() {
        var answer = server.orFail("GET", "/" + index.name() + "/_stats/store", null, 404);
        return answer.ok()
                ? OptionalLong.of(
                        answer.json().at("/_all/total/store/size_in_bytes").asLong())
                : OptionalLong.empty();
    }

    /**
     * An index that says nothing, and of which nothing is claimed, is somebody else's, and stays. So claims go last: whoever
     * is interrupted leaves something that tells the next one.
     */
    @Override
    public void drop() {
        String owner = index.owner(server);
        boolean claimed = index.incarnation(server)
                .filter(found -> bookkeeping.appliedTidemark(found).isPresent())
                .isPresent();
        if (owner.equals(index.generation().toString()) || (owner.isEmpty() && claimed)) {
            server.orFail("DELETE", "/" + index.name(), null, 404);
        }
        bookkeeping.drop();
    }

    @Override
    public void close() {
        server.close();
    }
}
