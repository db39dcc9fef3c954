package io.tidemark.capture;

import io.tidemark.model.ErrorCode;
import java.util.Locale;

/** What an examination of the source looks at, and why. The printed names are for programs and do not change. */
public enum FindingCode {
    SERVER_VERSION("Capture is made for PostgreSQL 14 to 18"),
    STANDBY("Capture writes heartbeats into the WAL, which a standby cannot"),
    ENCODING("JSON is UTF-8. The server does not convert, nor look at, what a database of SQL_ASCII holds"),
    WAL_LEVEL("Below 'logical' the WAL does not say which rows changed"),
    REPLICATION_SLOTS(
            "The slot is the place in the WAL that capture goes on from; without a free one it cannot be made"),
    WAL_SENDERS("The server sends WAL through one of these; without a free one capture waits"),
    WAL_SENDER_TIMEOUT("Capture reports every 10 s; a server that waits less, or hardly more, cuts the connection"),
    IDLE_SLOT_TIMEOUT("When capture is down for longer the server invalidates the slot, and changes are lost"),
    SLOT_WAL_SIZE("A slot that nobody reads keeps WAL until this much; without it, until the source's disk is full."
            + " With it the server gives up the slot instead, and changes are lost"),
    CLOCK("Commit times are the server's, Kafka's history and lag in time are this side's"),
    ROLE_REPLICATION("Reading the WAL takes the REPLICATION attribute"),
    ROLE_READS("The first snapshot and reconciliation select from every captured table"),
    ROLE_MESSAGES("Heartbeats move the tidemark while nothing is captured; they write to no table"),
    ROLE_STATISTICS("Without it the doctor sees no other session's age, so transactions left open are not found"),
    ROW_SECURITY("The WAL holds every row, the snapshot and reconciliation only those that policies show"),
    PUBLICATION("What the publication leaves out would be in the snapshot and not in the stream"),
    PUBLICATION_TABLES("What the publication leaves out would be in the snapshot and not in the stream"),
    PUBLICATION_OPERATIONS("Changes of a kind that is not published are lost"),
    PUBLICATION_FILTER("The snapshot copies whole tables; rows and columns left out of the stream would go stale"),
    PUBLICATION_ROOT("Partitions would arrive as tables of their own, not as the table that is captured"),
    PUBLICATION_GENERATED("Generated columns are left out of the snapshot, so rows of the stream would look different"),
    PRIMARY_KEY("The primary key is the key in Kafka and in every store"),
    DEFERRABLE_KEY("Rows may swap keys in one transaction, which this version cannot follow"),
    REPLICA_IDENTITY("Deletes and key changes must name the row by its primary key. With NOTHING, PostgreSQL refuses"
            + " UPDATE and DELETE as soon as the table is published"),
    TOAST("An UPDATE that leaves a value stored out of line as it is does not send it. This version then stops capture,"
            + " which has to start over. With REPLICA IDENTITY FULL the old row brings the value; from PostgreSQL 18 on that"
            + " fails where there are generated columns, and a trigger that writes the value anew does it"),
    COLUMN_TYPE("Values of this type cannot be printed exactly as the source prints them"),
    EMPTY_ENUM("Debezium 3.6 reads every type of the database when it starts, and fails at one of these"),
    GENERATED_IDENTITY("Once such a table is published, PostgreSQL refuses every UPDATE and DELETE of it"),
    NOT_IN_WAL("The WAL does not hold its rows, so they are not captured"),
    INHERITANCE("The snapshot would take the children's rows for the parent's, the stream does not"),
    PARTITIONS(
            "Rows that come or go with ATTACH, DETACH, DROP or TRUNCATE of a partition leave no trace in the WAL that"
                    + " is published"),
    GENERATED_COLUMNS("Generated columns are left out of topics and read models"),
    SLOT("The slot is the place in the WAL that capture goes on from"),
    SLOT_FOREIGN("Capture reads a pgoutput slot of this database"),
    SLOT_LOST("The server no longer has the WAL this slot needs: changes are lost"),
    SLOT_UNREAD("A slot that nobody reads keeps WAL on the source's disk, and dead rows in its catalogue"),
    SLOT_WAL("WAL that a slot holds back stays on the source's disk"),
    OPEN_TRANSACTION("A slot is made when every transaction that writes has ended, and none that is open lets it pass"),
    PREPARED_TRANSACTION("It is an open transaction that survives a restart: a slot waits for its end"),
    WRAPAROUND("A database that runs out of transaction ids refuses every write");

    private final String why;

    FindingCode(String why) {
        this.why = why;
    }

    /** Why it matters, a sentence without its full stop. */
    public String why() {
        return why;
    }

    /** The code as programs see it, such as {@code wal-level}. */
    public String printed() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Whether an error of this kind leaves nothing else to examine. */
    public boolean endsExamination() {
        return this == SERVER_VERSION || this == STANDBY;
    }

    /** What a capture that meets it as an error stops with. */
    public ErrorCode errorCode() {
        return this == SLOT_LOST ? ErrorCode.DATA_LOSS : ErrorCode.SOURCE_UNFIT;
    }
}
