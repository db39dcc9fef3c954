package io.tidemark.model.definition;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.RowKey;
import org.jspecify.annotations.Nullable;

/**
 * What stores hold of a document in the place of the document itself. Delivery writes what the mapping makes of the
 * assembled document, and reconciliation compares with what it makes of the one PostgreSQL answers with, so a mapping says
 * the same of equal documents: it depends on nothing else, and not on the order of members, which differs between the two.
 *
 * @param version told apart in the definition's digest: another version is another definition. Empty for
 *     {@link #AS_ASSEMBLED} only
 */
public record StoredForm(String version, Mapping mapping) {

    /** The document itself. */
    public static final StoredForm AS_ASSEMBLED = new StoredForm("", (key, body) -> body);

    private static final String RESERVED = "_tidemark";

    /** A function of the user's. */
    @FunctionalInterface
    public interface Mapping {

        /**
         * Makes the stored form.
         *
         * @param body a copy, which may be changed and given back; its numbers are exact
         * @return what is stored under the key
         */
        ObjectNode of(RowKey key, ObjectNode body);
    }

    /** A document that has no stored form; the message says why. */
    public static final class UnmappableException extends Exception {

        private static final long serialVersionUID = 1L;

        private UnmappableException(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    public boolean isAsAssembled() {
        return equals(AS_ASSEMBLED);
    }

    /**
     * The stored form of a document, which is not changed.
     *
     * @throws UnmappableException when the mapping throws, gives nothing, or gives a member named as Tidemark's own are
     */
    public ObjectNode of(RowKey key, ObjectNode body) throws UnmappableException {
        if (isAsAssembled()) {
            return body;
        }
        ObjectNode stored = mapped(key, body.deepCopy());
        for (String name : (Iterable<String>) stored::fieldNames) {
            if (name.startsWith(RESERVED)) {
                throw new UnmappableException(
                        "the mapping gives a member '" + name + "'; names that begin with " + RESERVED
                                + " are Tidemark's own",
                        null);
            }
        }
        return stored;
    }

    /** Whatever the user's function throws is about this document. */
    private ObjectNode mapped(RowKey key, ObjectNode copy) throws UnmappableException {
        try {
            @Nullable ObjectNode stored = mapping.of(key, copy);
            if (stored == null) {
                throw new UnmappableException("the mapping gives nothing", null);
            }
            return stored;
        } catch (RuntimeException e) {
            throw new UnmappableException("the mapping does not take it: " + e, e);
        }
    }
}
