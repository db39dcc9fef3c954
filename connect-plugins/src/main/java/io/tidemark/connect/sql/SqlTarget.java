package io.tidemark.connect.sql;

import io.tidemark.connect.sink.KeyField;
import io.tidemark.connect.sink.SinkKeys;
import io.tidemark.connect.sink.TargetName;
import io.tidemark.connect.sink.TargetStore;
import io.tidemark.connect.sink.Versioning;
import io.tidemark.model.Column;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Secret;
import io.tidemark.model.TableId;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.store.DocumentWriter;
import io.tidemark.model.store.ServedGeneration;
import io.tidemark.stores.sql.SqlDocumentServed;
import io.tidemark.stores.sql.SqlDocumentTable;
import io.tidemark.stores.sql.SqlDocumentWriter;
import io.tidemark.stores.sql.SqlSettings;
import io.tidemark.stores.sql.SqlStore;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.AbstractConfig;

/** Tables as the configuration describes them. */
record SqlTarget(SqlSettings settings, String table, List<KeyField> key, List<KeyField> columns)
        implements TargetStore {

    static SqlTarget of(AbstractConfig config) {
        List<KeyField> columns = fields(config, SqlKeys.COLUMNS);
        columns.stream().filter(column -> column.type().isEmpty()).findFirst().ifPresent(untyped -> {
            throw new TidemarkException(
                    ErrorCode.CONFIGURATION,
                    SqlKeys.COLUMNS + " names '" + untyped.name() + "' without a type: write " + untyped.name()
                            + ":text");
        });
        return new SqlTarget(
                new SqlSettings(
                        config.getString(SinkKeys.URL),
                        config.getString(SinkKeys.USER),
                        new Secret(config.getPassword(SinkKeys.PASSWORD).value())),
                config.getString(SqlKeys.TABLE),
                fields(config, SinkKeys.PRIMARY_KEY_FIELDS),
                columns);
    }

    private static List<KeyField> fields(AbstractConfig config, String key) {
        return config.getList(key).stream().map(KeyField::parse).toList();
    }

    @Override
    public void check() {
        SqlStore.check(settings);
    }

    @Override
    public DocumentWriter writer(Content content) {
        TableId name = TableId.parse(TargetName.of(table, content.topic()));
        SqlDocumentTable where = new SqlDocumentTable(
                name,
                key.stream().map(SqlTarget::column).toList(),
                columns.stream().map(SqlTarget::column).toList());
        return new SqlDocumentWriter(settings, where, content.generation(), content.partitions());
    }

    @Override
    public ServedGeneration served(Content content) {
        return new SqlDocumentServed(
                settings, TableId.parse(TargetName.of(table, content.topic())), content.generation());
    }

    private static Column column(KeyField field) {
        return new Column(field.name(), field.type(), 0, true);
    }

    @Override
    public String targetKey() {
        return SinkKeys.PRIMARY_KEY_FIELDS;
    }

    @Override
    public String name() {
        return table;
    }

    @Override
    public String nameKey() {
        return SqlKeys.TABLE;
    }

    @Override
    public Set<String> keyNames(String topic) {
        return key.stream().map(KeyField::name).collect(Collectors.toSet());
    }

    @Override
    public Versioning versioning() {
        return Versioning.POSITION_AND_ORDER;
    }

    @Override
    public boolean truncates() {
        return true;
    }
}
