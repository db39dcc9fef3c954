package io.tidemark.app.monitor;

import io.tidemark.app.run.Pipeline.Place;
import io.tidemark.capture.CaptureStatus;
import io.tidemark.capture.CaptureStatus.Standing;
import io.tidemark.model.TidemarkRef;
import java.util.Optional;

/** What capture and writers say of themselves, as health judges it. */
final class Samples {

    private Samples() {}

    /** Capture always has work: its tidemarks move though nothing is written. Unless another one does it. */
    static Sample capture(CaptureStatus status) {
        return new Sample(
                "capture",
                status.commits() + status.snapshotRows(),
                status.standing() != Standing.STANDS_BY,
                capturesNext(status));
    }

    private static String capturesNext(CaptureStatus status) {
        if (status.standing() != Standing.READS) {
            return status.waitsFor();
        }
        return status.queued() > 0
                ? "Kafka, to commit what was read from the source"
                : "the next message of the replication slot";
    }

    /** A document model's writer has work when it was given some: what it is not given is the assembler's. */
    static Sample documentWriter(Place place, WatchedWriter writer) {
        return new Sample(name(place), writer.settled(), writer.owes(), writer.waitsFor());
    }

    /**
     * A mirror reads its topics itself.
     *
     * @param recordsRead of the change topics
     * @param newest tidemark that is published
     */
    static Sample mirror(
            Place place,
            WatchedWriter writer,
            long recordsRead,
            Optional<TidemarkRef> applied,
            Optional<TidemarkRef> newest) {
        boolean behind =
                newest.isPresent() && (applied.isEmpty() || newest.get().compareTo(applied.get()) > 0);
        String unread = "the change topics, to be read up to tidemark "
                + newest.map(TidemarkRef::toString).orElse("none");
        return new Sample(
                name(place),
                writer.settled() + recordsRead,
                behind || writer.owes(),
                writer.owes() ? writer.waitsFor() : unread);
    }

    private static String name(Place place) {
        return "writer of " + place.model() + " in " + place.store();
    }
}
