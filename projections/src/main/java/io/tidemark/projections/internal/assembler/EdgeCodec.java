package io.tidemark.projections.internal.assembler;

import io.tidemark.model.Lsn;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.Version;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.jspecify.annotations.Nullable;

/** The binary form of edge messages: format, tag, input, then the fields in order, lengths before bytes. */
final class EdgeCodec {

    private static final int FORMAT = 1;
    private static final int NULL_LENGTH = -1;

    private EdgeCodec() {}

    static Serde<Edge> serde() {
        return Serdes.serdeFrom((topic, edge) -> encode(edge), (topic, bytes) -> decode(bytes));
    }

    static byte[] encode(Edge edge) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(FORMAT);
            write(out, edge);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void write(DataOutputStream out, Edge edge) throws IOException {
        if (edge instanceof Edge.Row row) {
            writeHeld(out, row.lacks().isEmpty() ? 'R' : 'L', row);
            writeBytes(out, row.after());
            writeLacks(out, row);
        } else if (edge instanceof Edge.Truncate truncate) {
            writeHeld(out, 'T', truncate);
        } else if (edge instanceof Edge.Subscription subscription) {
            writeHeld(out, 'S', subscription);
            writeBytes(out, subscription.subscriber());
            out.writeBoolean(subscription.active());
        } else if (edge instanceof Edge.Response response) {
            writeHeld(out, 'P', response);
            writeBytes(out, response.referenced());
            writeBytes(out, response.document());
            out.writeBoolean(response.active());
        } else if (edge instanceof Edge.Child child) {
            writeHeld(out, 'C', child);
            writeBytes(out, child.child());
            writeBytes(out, child.values());
            writeBytes(out, child.document());
        } else if (edge instanceof Edge.Claim claim) {
            writeHeld(out, 'D', claim);
            writeBytes(out, claim.row());
            writeBytes(out, claim.document());
        } else if (edge instanceof Edge.Marker marker) {
            out.writeByte('M');
            out.writeUTF(marker.input());
            write(out, marker.tidemark());
            write(out, marker.floor());
            out.writeInt(marker.fromPartition());
        } else {
            throw new IllegalArgumentException("A finished document does not travel between steps");
        }
    }

    /** Nearly every row has all its columns, and nothing is written then. */
    private static void writeLacks(DataOutputStream out, Edge.Row row) throws IOException {
        if (!row.lacks().isEmpty()) {
            out.writeInt(row.lacks().size());
            for (String column : row.lacks()) {
                out.writeUTF(column);
            }
        }
    }

    private static List<String> readLacks(DataInputStream in) throws IOException {
        List<String> lacks = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            lacks.add(in.readUTF());
        }
        return lacks;
    }

    private static void write(DataOutputStream out, TidemarkRef tidemark) throws IOException {
        out.writeLong(tidemark.number());
        out.writeLong(tidemark.lsn().value());
    }

    private static TidemarkRef readTidemark(DataInputStream in) throws IOException {
        return new TidemarkRef(in.readLong(), new Lsn(in.readLong()));
    }

    private static void writeHeld(DataOutputStream out, char tag, Edge.Held held) throws IOException {
        out.writeByte(tag);
        out.writeUTF(held.input());
        out.writeLong(held.version().position());
        out.writeInt(held.version().order());
    }

    private static void writeBytes(DataOutputStream out, @Nullable Bytes bytes) throws IOException {
        if (bytes == null) {
            out.writeInt(NULL_LENGTH);
        } else {
            out.writeInt(bytes.get().length);
            out.write(bytes.get());
        }
    }

    static Edge decode(byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int format = in.readByte();
            if (format != FORMAT) {
                throw new IllegalArgumentException("Edge message of format " + format + "; rebuild the read model");
            }
            return read(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Edge read(DataInputStream in) throws IOException {
        char tag = (char) in.readByte();
        String input = in.readUTF();
        if (tag == 'M') {
            return new Edge.Marker(input, readTidemark(in), readTidemark(in), in.readInt());
        }
        Version version = new Version(in.readLong(), in.readInt());
        return switch (tag) {
            case 'R' -> new Edge.Row(version, readBytes(in));
            case 'L' -> new Edge.Row(version, readBytes(in), readLacks(in));
            case 'T' -> new Edge.Truncate(version);
            case 'S' -> new Edge.Subscription(version, readPresent(in), in.readBoolean());
            case 'P' -> new Edge.Response(input, version, readPresent(in), readBytes(in), in.readBoolean());
            case 'C' -> new Edge.Child(input, version, readPresent(in), readPresent(in), readBytes(in));
            case 'D' -> new Edge.Claim(version, readPresent(in), readBytes(in));
            default -> throw new IllegalArgumentException("Edge message with tag '" + tag + "'");
        };
    }

    private static Bytes readPresent(DataInputStream in) throws IOException {
        Bytes bytes = readBytes(in);
        if (bytes == null) {
            throw new IllegalArgumentException("Edge message without a key");
        }
        return bytes;
    }

    private static @Nullable Bytes readBytes(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length == NULL_LENGTH) {
            return null;
        }
        byte[] bytes = new byte[length];
        in.readFully(bytes);
        return Bytes.wrap(bytes);
    }
}
