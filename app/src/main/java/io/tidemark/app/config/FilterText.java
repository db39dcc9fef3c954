package io.tidemark.app.config;

import java.util.Set;
import java.util.function.Predicate;

/**
 * Lets only such text through to the parser as PostgreSQL reads in the same way, and quotes the columns in it: the parser
 * knows many dialects, with comments, quotes, operators and words of their own.
 */
final class FilterText {

    private static final int MAX_LENGTH = 4_000;
    private static final int MAX_DEPTH = 16;
    private static final String PUNCTUATION = "(),.<>=!";

    /** Words of the grammar that PostgreSQL does not reserve, so that a column may have such a name. */
    private static final Set<String> WORDS =
            Set.of("between", "escape", "ilike", "is", "isnull", "like", "notnull", "similar", "unknown");

    private final String text;
    private final Predicate<String> isColumn;
    private final StringBuilder plain = new StringBuilder();
    private int depth;

    private FilterText(String text, Predicate<String> isColumn) {
        this.text = text;
        this.isColumn = isColumn;
    }

    /**
     * The text with every name of a column quoted.
     *
     * @throws FilterRefusedException for the first character that has no place in a filter
     */
    static String plain(String text, Predicate<String> isColumn) {
        if (text.length() > MAX_LENGTH) {
            throw new FilterRefusedException("a filter has at most " + MAX_LENGTH + " characters");
        }
        int nul = text.indexOf('\0');
        if (nul >= 0) {
            throw refused(nul, "NUL, which no text in PostgreSQL holds");
        }
        return new FilterText(text, isColumn).scanned();
    }

    private String scanned() {
        int at = 0;
        while (at < text.length()) {
            int end = endOfToken(at);
            String token = text.substring(at, end);
            plain.append(isName(token) ? '"' + FilterColumns.inLowerCase(token) + '"' : token);
            at = end;
        }
        return plain.toString();
    }

    private int endOfToken(int at) {
        int character = text.codePointAt(at);
        if (character == '\'' || character == '"') {
            return afterQuote(at, (char) character);
        }
        if (isWord(character)) {
            int end = at;
            while (end < text.length() && isWord(text.codePointAt(end))) {
                end += Character.charCount(text.codePointAt(end));
            }
            return end;
        }
        check(character, at);
        return at + Character.charCount(character);
    }

    private static boolean isWord(int character) {
        return Character.isLetterOrDigit(character) || character == '_';
    }

    private boolean isName(String token) {
        if (!isWord(token.codePointAt(0)) || Character.isDigit(token.codePointAt(0))) {
            return false;
        }
        String name = FilterColumns.inLowerCase(token);
        return isColumn.test(name) && !FilterColumns.isReserved(name) && !WORDS.contains(name);
    }

    /** Where the quoted text that begins here ends; a doubled quote begins it anew. */
    private int afterQuote(int from, char quote) {
        int end = text.indexOf(quote, from + 1);
        if (end < 0) {
            throw refused(from, "a quote that is never closed");
        }
        return end + 1;
    }

    private void check(int character, int at) {
        if (text.startsWith("--", at)) {
            throw refused(at, "a comment; comments have no place in a filter, and a double minus is one");
        }
        boolean sign = (character == '+' || character == '-') && isBeforeNumber(at + 1);
        boolean known = Character.isWhitespace(character) || PUNCTUATION.indexOf(character) >= 0 || sign;
        if (!known || (character == '!' && !text.startsWith("!=", at))) {
            throw refused(at, "'" + Character.toString(character) + "'; " + FilterParser.SUPPORTED);
        }
        depth += character == '(' ? 1 : character == ')' ? -1 : 0;
        if (depth > MAX_DEPTH) {
            throw refused(at, "the " + (MAX_DEPTH + 1) + "th open parenthesis; at most " + MAX_DEPTH + " may be open");
        }
    }

    private boolean isBeforeNumber(int from) {
        String rest = text.substring(from).stripLeading();
        return !rest.isEmpty() && (Character.isDigit(rest.charAt(0)) || rest.charAt(0) == '.');
    }

    private static FilterRefusedException refused(int at, String what) {
        return new FilterRefusedException("character " + (at + 1) + " is " + what);
    }
}
