package io.tidemark.capture.internal.doctor;

import static io.tidemark.capture.FindingCode.SLOT;
import static io.tidemark.capture.FindingCode.SLOT_FOREIGN;
import static io.tidemark.capture.FindingCode.SLOT_LOST;
import static io.tidemark.capture.FindingCode.SLOT_UNREAD;
import static io.tidemark.capture.FindingCode.SLOT_WAL;
import static io.tidemark.capture.FindingCode.SLOT_WAL_SIZE;

import io.tidemark.capture.ByteSize;
import io.tidemark.capture.CaptureSettings;
import io.tidemark.capture.Finding;
import io.tidemark.capture.SlotBudget;
import io.tidemark.capture.SlotStatus;
import io.tidemark.model.SqlIdentifiers;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** The replication slot, the WAL it holds back, and what the server does about that. */
final class SlotExaminer {

    private static final String OURS =
            "SELECT plugin = 'pgoutput' AND database = current_database() FROM pg_replication_slots WHERE slot_name = ?";

    private final CaptureSettings settings;
    private final SourceQuery source;
    private final String subject;

    SlotExaminer(CaptureSettings settings, SourceQuery source) {
        this.settings = settings;
        this.source = source;
        subject = "slot " + settings.slot();
    }

    List<Finding> findings() throws SQLException {
        SlotStatus slot = SlotStatus.read(source.connection(), settings.slot());
        List<Finding> findings = new ArrayList<>();
        findings.add(state(slot));
        if (settings.budget().level(slot).isOver()) {
            findings.add(Finding.warning(
                    SLOT_WAL, subject, settings.budget().sentence(slot), List.of(), "Find out what capture waits for"));
        }
        serverLimit(slot, findings);
        return findings;
    }

    private Finding state(SlotStatus slot) throws SQLException {
        if (!slot.exists()) {
            return Finding.ok(SLOT, subject, "is not there yet; the first run makes it");
        }
        String drop = "SELECT pg_drop_replication_slot(" + SqlIdentifiers.literal(settings.slot()) + ");";
        if (!source.isTrue(OURS, settings.slot())) {
            return Finding.error(
                    SLOT_FOREIGN,
                    subject,
                    "slot " + settings.slot() + " belongs to something else (another plugin or another database)",
                    List.of(),
                    "Set source.slot to another name");
        }
        if (slot.isLost()) {
            return Finding.error(
                    SLOT_LOST,
                    subject,
                    "slot " + settings.slot() + " is invalidated (" + slot.invalidation() + ")",
                    List.of(drop),
                    "Then 'tidemark recover' mends the topics and goes on. To start over instead, drop the topics with"
                            + " prefix '" + settings.topics().prefix()
                            + "', or use a new kafka.prefix and slot");
        }
        if (!slot.active()) {
            return Finding.warning(
                    SLOT_UNREAD,
                    subject,
                    "nobody reads slot " + settings.slot()
                            + slot.inactiveSince()
                                    .map(since -> " since " + since)
                                    .orElse("") + "; it holds back "
                            + ByteSize.text(slot.retainedBytes()) + " of WAL",
                    List.of(),
                    "Start 'tidemark run'. Only where no capture is to go on from it, and the changes it holds back are"
                            + " to be given up: " + drop);
        }
        return Finding.ok(
                SLOT, subject, "is being read; it holds back " + ByteSize.text(slot.retainedBytes()) + " of WAL");
    }

    private void serverLimit(SlotStatus slot, List<Finding> findings) throws SQLException {
        SlotBudget budget = settings.budget();
        long limitMb = Long.parseLong(source.setting("max_slot_wal_keep_size"));
        String rate = ByteSize.text(slot.walBytesPerSecond()) + "/s of WAL are written";
        List<String> sql = List.of(
                "ALTER SYSTEM SET max_slot_wal_keep_size = '" + budget.limitBytes() / ByteSize.MEGABYTE + "MB';",
                ServerExaminer.RELOAD);
        if (limitMb < 0) {
            findings.add(Finding.warning(
                    SLOT_WAL_SIZE,
                    "server",
                    "max_slot_wal_keep_size is not set, so nothing bounds what a slot holds back; " + rate,
                    sql,
                    "Or leave it, when losing no change is worth a full disk, and watch 'tidemark status'"));
        } else if (limitMb * ByteSize.MEGABYTE < budget.limitBytes() / ByteSize.MEGABYTE * ByteSize.MEGABYTE) {
            findings.add(Finding.warning(
                    SLOT_WAL_SIZE,
                    "server",
                    "max_slot_wal_keep_size is " + ByteSize.text(limitMb * ByteSize.MEGABYTE)
                            + ", less than source.retained-wal.limit (" + ByteSize.text(budget.limitBytes())
                            + "): the slot is lost before that alarm; " + rate,
                    sql,
                    "Or lower source.retained-wal"));
        } else {
            findings.add(Finding.ok(
                    SLOT_WAL_SIZE,
                    "server",
                    "max_slot_wal_keep_size is " + ByteSize.text(limitMb * ByteSize.MEGABYTE) + "; " + rate));
        }
    }
}
