package io.tidemark.benchmarks;

import io.tidemark.model.store.AppliedTidemark;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.DocumentWriter;
import io.tidemark.model.store.WriteOutcome;
import io.tidemark.projections.AppliedTidemarks;
import io.tidemark.projections.ParkedDocuments;
import io.tidemark.projections.internal.writing.ConsumerConfigs;
import io.tidemark.projections.internal.writing.DocumentDelivery;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A process that delivers a documents topic as {@code tidemark run} does: its delivery, its writer. Time runs from the
 * moment the partitions are its own, before it reads, until the tidemark is applied that covers everything.
 */
final class TidemarkDelivery {

    private static final int LANE_ARGUMENTS = 6;

    private TidemarkDelivery() {}

    public static void main(String[] arguments) throws Exception {
        Lane lane = Lane.of(arguments);
        List<String> all = Arrays.asList(arguments);
        Place place = Place.of(all.subList(LANE_ARGUMENTS, all.size()));
        FilledDocuments documents = new FilledDocuments(lane, lane.rows());
        Map<String, String> client = Map.of("bootstrap.servers", lane.bootstrapServers());
        Stopwatch watch = new Stopwatch();
        AppliedTidemarks applied = new AppliedTidemarks(Lane.PARTITIONS, tidemark -> {
            if (tidemark.equals(documents.end())) {
                watch.stop();
            }
        });
        DocumentDelivery delivery = new DocumentDelivery(
                place.name(),
                place.name(),
                FilledDocuments.MODEL,
                documents.topic(),
                ConsumerConfigs.inGroup(client, place.name()),
                new Watched(place.writer(), watch),
                applied,
                new ParkedDocuments(
                        client,
                        lane.topics(),
                        FilledDocuments.MODEL,
                        place.generation().lineage()),
                0);
        var unused = delivery.ended().exceptionally(TidemarkDelivery::fail);
        delivery.start();
        watch.report();
        delivery.close();
    }

    private static Void fail(Throwable failure) {
        System.err.println("The delivery ended: " + failure.getMessage());
        Runtime.getRuntime().halt(1);
        return null;
    }

    private record Watched(DocumentWriter writer, Stopwatch watch) implements DocumentWriter {

        @Override
        public void open() {
            writer.open();
        }

        @Override
        public List<AppliedTidemark> claims() {
            return writer.claims();
        }

        @Override
        public void forget(Set<Integer> partitions) {
            writer.forget(partitions);
        }

        @Override
        public void rejoin() {
            watch.start();
            writer.rejoin();
        }

        @Override
        public List<WriteOutcome> write(List<Document> batch, List<AppliedTidemark> claims) {
            return writer.write(batch, claims);
        }

        @Override
        public void close() {
            writer.close();
        }
    }
}
