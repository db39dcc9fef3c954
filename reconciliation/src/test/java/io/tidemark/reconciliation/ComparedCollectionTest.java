package io.tidemark.reconciliation;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.model.Column;
import io.tidemark.model.Relation;
import io.tidemark.model.RowKey;
import io.tidemark.model.TableId;
import io.tidemark.model.definition.DocumentNode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ComparedCollectionTest {

    @Test
    void a_key_told_in_another_type_or_spelling_is_that_of_the_row_whose_place_it_is_in() {
        assertThat(keyed("text").properKey(key("{'id':1001}"))).contains(key("{'id':'1001'}"));
        assertThat(keyed("numeric").properKey(key("{'id':'7.5'}"))).contains(key("{'id':7.5}"));
        assertThat(keyed("integer").properKey(key("{'id': 7}"))).contains(key("{'id':7}"));
        assertThat(keyed("integer").properKey(key("{'more':1,'id':7}"))).contains(key("{'id':7}"));
        assertThat(keyed("integer", "text").properKey(key("{'id1':'a','id':'7'}")))
                .contains(key("{'id':7,'id1':'a'}"));
    }

    @Test
    void what_only_an_id_says_is_the_row_of_that_text() {
        assertThat(keyed("integer").properKey(key("{'_id':'7'}"))).contains(key("{'id':7}"));
        assertThat(keyed("integer", "text").properKey(key("{'_id':'7|a%7Cb'}"))).contains(key("{'id':7,'id1':'a|b'}"));
        assertThat(keyed("integer", "text").properKey(key("{'_id':'7'}"))).isEmpty();
        assertThat(keyed("text").properKey(new RowKey("no JSON"))).contains(key("{'id':'no JSON'}"));
    }

    private static ComparedCollection keyed(String... types) {
        List<Column> columns = new ArrayList<>();
        for (String type : types) {
            columns.add(new Column("id" + (columns.isEmpty() ? "" : columns.size()), type, 0, false));
        }
        List<String> names = columns.stream().map(Column::name).toList();
        Relation relation = new Relation(TableId.parse("public.t"), columns, names, List.of(), 1);
        return new ComparedCollection("t", new DocumentNode(relation, names, List.of(), List.of()));
    }

    private static RowKey key(String json) {
        return new RowKey(json.replace('\'', '"'));
    }
}
