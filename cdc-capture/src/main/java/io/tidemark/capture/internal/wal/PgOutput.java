package io.tidemark.capture.internal.wal;

import io.tidemark.capture.internal.wal.WalMessage.RelationColumn;
import io.tidemark.capture.internal.wal.WalMessage.Tuple;
import io.tidemark.capture.internal.wal.WalMessage.Value;
import io.tidemark.model.Lsn;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decodes pgoutput, protocol version 1, values as text.
 *
 * <p>Source: PostgreSQL documentation, "Logical Replication Message Formats".
 */
public final class PgOutput {

    private static final Instant POSTGRES_EPOCH = Instant.parse("2000-01-01T00:00:00Z");

    private PgOutput() {}

    /** Whether a raw message ends a transaction. */
    public static boolean isCommit(ByteBuffer message) {
        return message.get(message.position()) == 'C';
    }

    /** End of the commit record, of a raw message for which {@link #isCommit} holds. */
    public static Lsn commitEndLsn(ByteBuffer message) {
        return new Lsn(message.getLong(message.position() + 2 + Long.BYTES));
    }

    /** Whether a raw message is a logical message written outside a transaction. */
    public static boolean isNonTransactionalMessage(ByteBuffer message) {
        return message.get(message.position()) == 'M' && (message.get(message.position() + 1) & 1) == 0;
    }

    /** Whether everything up to this raw message is whole transactions. */
    public static boolean isBoundary(ByteBuffer message) {
        return isCommit(message) || isNonTransactionalMessage(message);
    }

    /** Where a raw logical message stands in the WAL. */
    public static Lsn messageLsn(ByteBuffer message) {
        return new Lsn(message.getLong(message.position() + 2));
    }

    public static WalMessage decode(ByteBuffer message) {
        char tag = (char) message.get();
        return switch (tag) {
            case 'B' -> new WalMessage.Begin(lsn(message), time(message), unsignedInt(message));
            case 'C' -> commit(message);
            case 'R' -> relation(message);
            case 'I' -> insert(message);
            case 'U' -> update(message);
            case 'D' -> delete(message);
            case 'T' -> truncate(message);
            case 'M' -> logicalMessage(message);
            case 'O', 'Y' -> new WalMessage.Other(tag);
            default -> throw new IllegalArgumentException("pgoutput message '" + tag + "' is unknown");
        };
    }

    private static WalMessage commit(ByteBuffer message) {
        message.get();
        return new WalMessage.Commit(lsn(message), lsn(message), time(message));
    }

    private static WalMessage relation(ByteBuffer message) {
        long oid = unsignedInt(message);
        String schema = string(message);
        String name = string(message);
        message.get();
        int count = message.getShort();
        List<RelationColumn> columns = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            boolean key = (message.get() & 1) == 1;
            columns.add(new RelationColumn(string(message), unsignedInt(message), message.getInt(), key));
        }
        return new WalMessage.RelationMessage(oid, schema.isEmpty() ? "pg_catalog" : schema, name, columns);
    }

    private static WalMessage insert(ByteBuffer message) {
        long oid = unsignedInt(message);
        message.get();
        return new WalMessage.Insert(oid, tuple(message, true));
    }

    private static WalMessage update(ByteBuffer message) {
        long oid = unsignedInt(message);
        char kind = (char) message.get();
        @Nullable Tuple before = null;
        if (kind != 'N') {
            before = tuple(message, kind == 'O');
            message.get();
        }
        return new WalMessage.Update(oid, before, tuple(message, true));
    }

    private static WalMessage delete(ByteBuffer message) {
        long oid = unsignedInt(message);
        char kind = (char) message.get();
        return new WalMessage.Delete(oid, tuple(message, kind == 'O'));
    }

    private static WalMessage truncate(ByteBuffer message) {
        int count = message.getInt();
        message.get();
        List<Long> oids = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            oids.add(unsignedInt(message));
        }
        return new WalMessage.Truncate(oids);
    }

    private static WalMessage logicalMessage(ByteBuffer message) {
        boolean transactional = (message.get() & 1) == 1;
        Lsn lsn = lsn(message);
        String prefix = string(message);
        int length = message.getInt();
        return new WalMessage.LogicalMessage(
                transactional, lsn, prefix, message.slice().limit(length).asReadOnlyBuffer());
    }

    private static Tuple tuple(ByteBuffer message, boolean wholeRow) {
        int count = message.getShort();
        List<Value> values = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            values.add(value(message));
        }
        return new Tuple(values, wholeRow);
    }

    private static Value value(ByteBuffer message) {
        char kind = (char) message.get();
        return switch (kind) {
            case 'n' -> Value.Absent.NULL;
            case 'u' -> Value.Absent.UNCHANGED_TOAST;
            case 't' -> new Value.Text(text(message, message.getInt()));
            default -> throw new IllegalArgumentException("pgoutput column kind '" + kind + "' is unknown");
        };
    }

    private static Lsn lsn(ByteBuffer message) {
        return new Lsn(message.getLong());
    }

    private static Instant time(ByteBuffer message) {
        long micros = message.getLong();
        return POSTGRES_EPOCH
                .plusSeconds(Math.floorDiv(micros, 1_000_000L))
                .plusNanos(Math.floorMod(micros, 1_000_000L) * 1_000L);
    }

    private static long unsignedInt(ByteBuffer message) {
        return Integer.toUnsignedLong(message.getInt());
    }

    private static String string(ByteBuffer message) {
        int start = message.position();
        while (message.get() != 0) {
            // to the terminator
        }
        int length = message.position() - start - 1;
        message.position(start);
        String text = text(message, length);
        message.get();
        return text;
    }

    private static String text(ByteBuffer message, int length) {
        byte[] bytes = new byte[length];
        message.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
