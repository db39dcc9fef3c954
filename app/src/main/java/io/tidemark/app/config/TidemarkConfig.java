package io.tidemark.app.config;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.TableId;
import io.tidemark.model.TidemarkException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A whole configuration file.
 *
 * @param file as the user named it, for messages
 * @param stores by name, in the order of the file
 * @param readModels in the order of the file
 * @param http empty when no endpoint is asked for
 * @param reconcile empty when read models are compared by command only
 * @param definitions what the file says of each read model, as JSON, by its name
 */
public record TidemarkConfig(
        String file,
        SourceConfig source,
        KafkaConfig kafka,
        Map<String, StoreConfig> stores,
        List<ReadModelConfig> readModels,
        Optional<HttpConfig> http,
        Optional<ReconcileConfig> reconcile,
        Map<String, ObjectNode> definitions) {

    public TidemarkConfig {
        stores = Collections.unmodifiableMap(new LinkedHashMap<>(stores));
        readModels = List.copyOf(readModels);
        definitions = Map.copyOf(definitions);
    }

    /**
     * The same with one read model only, defined otherwise.
     *
     * @param label for messages, in place of the file's name
     * @param definition as {@link #definitions} has them: references are replaced already
     * @throws TidemarkException CONFIGURATION when it does not fit the file any more; one line per problem
     */
    public TidemarkConfig withOnly(String label, String model, ObjectNode definition) {
        return ConfigParser.withOnly(this, label, model, definition);
    }

    /** The same with other read models, whose definitions are not told. */
    public TidemarkConfig withReadModels(List<ReadModelConfig> others) {
        return new TidemarkConfig(file, source, kafka, stores, others, http, reconcile, definitions);
    }

    /**
     * Reads a file, with the variables of this process's environment.
     *
     * @throws TidemarkException CONFIGURATION when the file is missing or wrong; one line per problem
     */
    public static TidemarkConfig load(Path file) {
        return load(file, System::getenv);
    }

    /**
     * Reads a file.
     *
     * @param environment gives a variable's value, or null when it is not set
     * @throws TidemarkException CONFIGURATION when the file is missing or wrong; one line per problem
     */
    public static TidemarkConfig load(Path file, Function<String, @Nullable String> environment) {
        return load(file, environment, List.of());
    }

    /**
     * Reads a file, and read models that are written in Java as if they stood in it, behind its own.
     *
     * @param environment gives a variable's value, or null when it is not set
     * @throws TidemarkException CONFIGURATION when the file is missing, or it or a model is wrong; one line per problem,
     *     with the place in the file or in Java
     */
    public static TidemarkConfig load(
            Path file, Function<String, @Nullable String> environment, List<WrittenModel> models) {
        Path directory = file.toAbsolutePath().normalize().getParent();
        Substitution substitution = new Substitution(environment, directory == null ? file : directory);
        return ConfigParser.parse(new Reading(file.toString(), substitution, new Problems()), content(file), models);
    }

    /** Whether the source's description of a table is needed: it is captured, or a read model names it. */
    public boolean mentions(TableId table) {
        return source.captures(table)
                || source.columns().stream().anyMatch(column -> column.table().equals(table))
                || readModels.stream().anyMatch(model -> mentions(model, table));
    }

    /** A store that is known to exist: the parser has checked every target. */
    public StoreConfig store(String name) {
        StoreConfig store = stores.get(name);
        if (store == null) {
            throw new IllegalArgumentException("No store '" + name + "' in " + file);
        }
        return store;
    }

    private static boolean mentions(ReadModelConfig model, TableId table) {
        if (model instanceof ReadModelConfig.DocumentConfig document) {
            return mentions(document.root(), table);
        }
        return model instanceof ReadModelConfig.MirrorConfig mirror && TablePattern.anyMatches(mirror.tables(), table);
    }

    private static boolean mentions(ReadModelConfig.NodeConfig node, TableId table) {
        return node.table().text().equals(table.toString())
                || node.one().stream().anyMatch(one -> mentions(one.node(), table))
                || node.many().stream().anyMatch(many -> mentions(many.node(), table));
    }

    private static String content(Path file) {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            throw new TidemarkException(
                    ErrorCode.CONFIGURATION, "There is no file " + file + "; name the configuration with -c FILE", e);
        } catch (IOException e) {
            throw new TidemarkException(ErrorCode.CONFIGURATION, "Cannot read " + file + ": " + e.getMessage(), e);
        }
    }
}
