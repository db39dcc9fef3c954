package io.tidemark.app.config;

import io.tidemark.app.config.ReadModelConfig.DocumentConfig;
import io.tidemark.app.config.ReadModelConfig.MirrorConfig;
import io.tidemark.app.config.ReadModelConfig.NodeConfig;
import io.tidemark.app.config.ReadModelConfig.Target;
import io.tidemark.app.config.ReadModelConfig.TargetOptions;
import io.tidemark.model.Column;
import io.tidemark.model.ColumnRules;
import io.tidemark.model.Relation;
import io.tidemark.model.TableId;
import io.tidemark.model.definition.DocumentModel;
import io.tidemark.model.definition.DocumentNode;
import io.tidemark.model.definition.EntryTypes;
import io.tidemark.model.definition.MirrorModel;
import io.tidemark.model.definition.ReadModel;
import io.tidemark.stores.redis.RedisTarget;
import io.tidemark.stores.sql.SqlDocumentTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Turns the read models of a file into definitions, by what the source's catalogue says. */
public final class DefinitionResolver {

    private static final String DOCUMENT = SqlDocumentTable.DOCUMENT;

    private static final Pattern PLACEHOLDER = Pattern.compile("\\{([^{}]+)}");

    private final TidemarkConfig config;
    private final Problems problems = new Problems();
    private final Catalogue catalogue;
    private final NodeResolver nodes;
    private final KeyResolver keys;

    private DefinitionResolver(
            TidemarkConfig config, List<Relation> relations, FilterTrial filterTrial, KeyTrial keyTrial) {
        this.config = config;
        Catalogue whole = new Catalogue(config.source(), relations, problems);
        config.source().columns().forEach(whole::requireFit);
        ColumnRules rules = problems.none() ? config.source().rules() : ColumnRules.NONE;
        catalogue = new Catalogue(
                config.source(), relations.stream().map(rules::applyTo).toList(), problems);
        nodes = new NodeResolver(catalogue, problems, filterTrial);
        keys = new KeyResolver(catalogue, problems, keyTrial);
    }

    /** Resolves every read model without a source that could be asked about filters and keys. */
    public static List<ReadModel> resolve(TidemarkConfig config, List<Relation> relations) {
        return resolve(config, relations, FilterTrial.NONE, KeyTrial.NONE);
    }

    /**
     * Resolves every read model.
     *
     * @param relations as the source has them, at least those that {@link TidemarkConfig#mentions}
     * @param filterTrial what the source itself says of filters
     * @param keyTrial what it says of columns that are to tell documents apart
     * @return the definitions in the order of the file, under the names the file gives them
     * @throws io.tidemark.model.TidemarkException CONFIGURATION with one line per problem
     */
    public static List<ReadModel> resolve(
            TidemarkConfig config, List<Relation> relations, FilterTrial filterTrial, KeyTrial keyTrial) {
        return new DefinitionResolver(config, relations, filterTrial, keyTrial).resolve();
    }

    private List<ReadModel> resolve() {
        config.source().tables().forEach(catalogue::requireMatch);
        List<ReadModel> models = new ArrayList<>();
        for (ReadModelConfig model : config.readModels()) {
            if (model instanceof DocumentConfig document) {
                document(document).ifPresent(models::add);
            } else if (model instanceof MirrorConfig mirror) {
                models.add(mirror(mirror));
            }
        }
        problems.throwIfAny();
        return models;
    }

    private Optional<ReadModel> document(DocumentConfig document) {
        Optional<Relation> root = catalogue.find(document.root().table());
        List<String> key =
                root.map(relation -> keys.resolve(relation, document.key())).orElse(List.of());
        root.ifPresent(relation -> document.targets().forEach(target -> checkKeyTemplate(target, relation, key)));
        Optional<DocumentNode> node = root.flatMap(relation -> nodes.resolve(relation, document.root()));
        requireTopicsOfTheirOwn(document.root(), document.name(), new HashMap<>());
        node.ifPresent(resolved -> document.targets().stream()
                .filter(target -> config.store(target.store()) instanceof StoreConfig.Sql)
                .forEach(target -> checkTable(target, resolved, key)));
        if (!document.form().isAsAssembled()) {
            document.targets().forEach(this::refuseEntries);
        }
        return node.map(resolved -> new DocumentModel(document.name(), resolved, key, document.form()));
    }

    /**
     * Each nested table has topics named after its path, in which Kafka takes few characters, and . for _.
     *
     * @param taken paths in Kafka's eyes, to the paths themselves
     */
    private void requireTopicsOfTheirOwn(NodeConfig node, String path, Map<String, String> taken) {
        Stream.concat(node.one().stream(), node.many().stream()).forEach(related -> {
            Mention name = related.name();
            String own = path + "." + name.text();
            String other = taken.putIfAbsent(own.replaceAll("[^a-zA-Z0-9-]", "_"), own);
            if (other != null && !problems.has(name.place())) {
                problems.add(
                        name.place(),
                        "'" + own + "' and '" + other + "' would share a topic, since their names differ only in"
                                + " characters that Kafka does not tell apart there; rename one");
            }
            requireTopicsOfTheirOwn(related.node(), own, taken);
        });
    }

    private MirrorModel mirror(MirrorConfig mirror) {
        Set<TableId> tables = new HashSet<>();
        for (TablePattern pattern : mirror.tables()) {
            tables.addAll(catalogue.capturedMatches(pattern));
        }
        return new MirrorModel(mirror.name(), tables.stream().sorted().toList(), mirror.history());
    }

    /** What takes entries of the definition apart does not know those of a mapping. */
    private void refuseEntries(Target target) {
        boolean columns = target.options() instanceof TargetOptions.Columns named
                && !named.columns().isEmpty();
        boolean hash =
                target.options() instanceof TargetOptions.Stored stored && stored.form() == RedisTarget.Form.HASH;
        if (columns || hash) {
            problems.add(
                    target.target().place(),
                    (columns ? "columns" : "form: hash")
                            + " takes entries of the document as it is defined, which a mapping replaces; store it whole");
        }
    }

    /** How messages call the columns that tell a root's documents apart. */
    private static String nameOf(List<String> key, Relation root) {
        return (key.equals(root.primaryKey()) ? "the primary key" : "the 'key'") + " of " + root.table();
    }

    /** The key, the document and the entries that are columns make one table. */
    private void checkTable(Target target, DocumentNode root, List<String> key) {
        key.stream()
                .filter(column -> column.equals(DOCUMENT) || Names.isReserved(column))
                .forEach(column -> problems.add(
                        target.target().place(),
                        "column '" + column + "' of " + nameOf(key, root.relation())
                                + " has the name of a column that a sql store needs for itself"));
        List<String> entries = EntryTypes.of(root).stream().map(Column::name).toList();
        List<Mention> columns = target.options() instanceof TargetOptions.Columns named ? named.columns() : List.of();
        for (Mention column : columns) {
            String name = column.text();
            if (!entries.contains(name)) {
                problems.add(column.place(), "the document has no entry '" + name + "'" + Suggestion.of(name, entries));
            } else if (key.contains(name) || name.equals(DOCUMENT)) {
                problems.add(
                        column.place(),
                        "the table has a column '" + name + "' already, "
                                + (key.contains(name) ? "of the key" : "for the whole document"));
            } else if (!SqlTargets.fits(name)) {
                problems.add(column.place(), "'" + name + "' is longer than 63 bytes, too long for a column");
            }
        }
    }

    /** A key template names every column of the key, or two documents would share a Redis key. */
    private void checkKeyTemplate(Target target, Relation root, List<String> key) {
        if (!(config.store(target.store()) instanceof StoreConfig.Redis)) {
            return;
        }
        Place place = target.target().place();
        Set<String> named = new HashSet<>();
        Matcher placeholders = PLACEHOLDER.matcher(target.target().text());
        while (placeholders.find()) {
            String column = placeholders.group(1);
            named.add(column);
            if (!key.contains(column)) {
                problems.add(
                        place, "'{" + column + "}' is no column of " + nameOf(key, root) + Suggestion.of(column, key));
            }
        }
        List<String> missing =
                key.stream().filter(column -> !named.contains(column)).toList();
        if (!missing.isEmpty()) {
            problems.add(
                    place,
                    "the key '" + target.target().text() + "' lacks {" + String.join("}, {", missing) + "} of "
                            + nameOf(key, root));
        }
    }
}
