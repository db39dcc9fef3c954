package io.tidemark.app.run;

import io.tidemark.app.config.DefinitionResolver;
import io.tidemark.app.config.TidemarkConfig;
import io.tidemark.capture.SourceCatalog;
import io.tidemark.capture.SourceConnections;
import io.tidemark.model.ColumnRules;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Relation;
import io.tidemark.model.TableId;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.Topics;
import io.tidemark.model.definition.ReadModel;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Holds a configuration against its source. */
public final class PlanReader {

    private PlanReader() {}

    /**
     * Reads the source's catalogue and resolves the read models.
     *
     * @throws TidemarkException UNREACHABLE when the source cannot be read, CONFIGURATION when the file does not fit it
     */
    public static Plan read(TidemarkConfig config) {
        Plan unresolved = new Plan(config, List.of(), List.of());
        try (Connection connection = SourceConnections.open(unresolved.captureSource())) {
            List<Relation> relations = SourceCatalog.read(connection, config::mentions);
            List<Relation> captured = relations.stream()
                    .filter(relation -> config.source().captures(relation.table()))
                    .toList();
            requireKeys(config, SourceCatalog.tables(connection), captured);
            List<ReadModel> models = DefinitionResolver.resolve(
                    config,
                    relations,
                    new SqlFilterTrial(unresolved.captureSource(), connection),
                    new SqlKeyTrial(unresolved.captureSource(), connection));
            requireTopicsOfTheirOwn(config, captured, models);
            ColumnRules rules = config.source().rules();
            return new Plan(config, captured.stream().map(rules::applyTo).toList(), models);
        } catch (SQLException e) {
            throw SourceConnections.explain(unresolved.captureSource(), e);
        }
    }

    private static void requireTopicsOfTheirOwn(
            TidemarkConfig config, List<Relation> captured, List<ReadModel> models) {
        TopicNames.collision(
                        new Topics(config.kafka().prefix()),
                        captured.stream().map(Relation::table).toList(),
                        models.stream().map(ReadModel::name).toList())
                .ifPresent(collision -> {
                    throw new TidemarkException(ErrorCode.CONFIGURATION, collision);
                });
    }

    private static void requireKeys(TidemarkConfig config, List<TableId> tables, List<Relation> captured) {
        Set<TableId> keyed = captured.stream().map(Relation::table).collect(Collectors.toSet());
        List<TableId> without = new ArrayList<>();
        for (TableId table : tables) {
            if (config.source().captures(table) && !keyed.contains(table)) {
                without.add(table);
            }
        }
        if (!without.isEmpty()) {
            throw new TidemarkException(
                    ErrorCode.SOURCE_UNFIT,
                    "No primary key: "
                            + without.stream().map(TableId::toString).collect(Collectors.joining(", "))
                            + ". Capture needs one: ALTER TABLE "
                            + without.get(0).quoted()
                            + " ADD PRIMARY KEY (…); or name the other tables in source.tables of " + config.file());
        }
    }
}
