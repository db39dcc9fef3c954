package io.tidemark.capture.internal.wal;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.TableId;
import io.tidemark.model.TidemarkException;

/** A value whose JSON cannot be had. The message says why, where and what to do, and holds nothing of the value. */
public final class UnprintableValueException extends TidemarkException {

    /** What to do before a first start or a new one. */
    static final String MEND = "Mend such rows at the source (docs/types.md says how to find them), and capture under"
            + " a new kafka.prefix and slot";

    private final String why;
    private final String remedy;

    UnprintableValueException(String why, String remedy) {
        this("", why, remedy);
    }

    private UnprintableValueException(String where, String why, String remedy) {
        super(ErrorCode.NOT_CAPTURABLE, where + why + ". " + remedy);
        this.why = why;
        this.remedy = remedy;
    }

    UnprintableValueException in(TableId table, String column) {
        return new UnprintableValueException("Column '" + column + "' of " + table + ": ", why, remedy);
    }
}
