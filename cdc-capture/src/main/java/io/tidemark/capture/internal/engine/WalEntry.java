package io.tidemark.capture.internal.engine;

import io.tidemark.model.Lsn;
import java.nio.ByteBuffer;

/**
 * One undecoded pgoutput message.
 *
 * @param sequence counts the messages the server sent in this connection, from 0: a gap means one was lost on the way
 * @param lsn of the WAL record it stands for; of a commit, its end
 */
public record WalEntry(long sequence, Lsn lsn, ByteBuffer message) {}
