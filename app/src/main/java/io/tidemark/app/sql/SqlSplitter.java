package io.tidemark.app.sql;

import io.tidemark.app.sql.SqlScript.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Splits SQL text at the semicolons that end statements, by PostgreSQL's lexical rules: quotes, dollar quotes, nested
 * comments, and function bodies in {@code BEGIN ATOMIC ... END}, as psql does.
 */
final class SqlSplitter {

    private static final Pattern DOLLAR_TAG = Pattern.compile("\\$(?:[\\p{L}_][\\p{L}\\p{N}_]*)?\\$");
    private static final Pattern WORD = Pattern.compile("[\\p{L}_][\\p{L}\\p{N}_$]*");
    private static final Pattern COPY_FROM_STDIN =
            Pattern.compile("copy\\b.*\\bfrom\\s+stdin\\b.*", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
    private static final Pattern ROUTINE = Pattern.compile(
            "create\\s+(or\\s+replace\\s+)?(function|procedure)\\b.*", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    private final String name;
    private final String sql;
    private final List<Statement> statements = new ArrayList<>();
    private int at;
    private int line = 1;
    private int counted;
    /** Where the statement starts; -1 before its first word. */
    private int start = -1;

    private int startLine;
    private int parentheses;
    private int blocks;
    private boolean atomic;

    SqlSplitter(String name, String sql) {
        this.name = name;
        this.sql = sql.startsWith("\uFEFF") ? sql.substring(1) : sql;
    }

    List<Statement> split() {
        while (at < sql.length()) {
            step();
        }
        end();
        return statements;
    }

    private void step() {
        char c = sql.charAt(at);
        if (Character.isWhitespace(c)) {
            at++;
        } else if (sql.startsWith("--", at)) {
            at = orEnd(sql.indexOf('\n', at));
        } else if (sql.startsWith("/*", at)) {
            skipComment();
        } else if (c == ';' && parentheses == 0 && blocks == 0) {
            end();
            at++;
        } else if (c == '\\') {
            throw SqlScript.refused(
                    name, lineAt(at), "'" + word() + "' is a command of psql, not SQL; remove it from the file");
        } else {
            begin();
            token(c);
        }
    }

    private void token(char c) {
        if (c == '\'' || c == '"') {
            skipQuoted(c, false);
        } else if (c == '$' && skipDollarQuoted()) {
            return;
        } else if (Character.isLetter(c) || c == '_') {
            identifier();
        } else {
            parentheses += c == '(' ? 1 : c == ')' && parentheses > 0 ? -1 : 0;
            at++;
        }
    }

    private void identifier() {
        Matcher matcher = WORD.matcher(sql).region(at, sql.length());
        String word = matcher.lookingAt() ? matcher.group() : sql.substring(at, at + 1);
        boolean escapes = word.equalsIgnoreCase("e") && sql.startsWith("'", at + 1);
        at += word.length();
        if (escapes) {
            skipQuoted('\'', true);
        } else {
            countBlocks(word.toLowerCase(Locale.ROOT));
        }
    }

    /** Semicolons between BEGIN ATOMIC and its END belong to the routine; CASE has an END of its own. */
    private void countBlocks(String word) {
        if (word.equals("atomic") && ROUTINE.matcher(sql.substring(start, at)).matches()) {
            atomic = true;
            blocks = 1;
        } else if (atomic && word.equals("case")) {
            blocks++;
        } else if (atomic && word.equals("end") && blocks > 0) {
            blocks--;
        }
    }

    private void skipQuoted(char quote, boolean backslashEscapes) {
        int opened = at++;
        while (at < sql.length()) {
            char c = sql.charAt(at);
            if (c == '\\' && backslashEscapes) {
                at += 2;
            } else if (c == quote && at + 1 < sql.length() && sql.charAt(at + 1) == quote) {
                at += 2;
            } else if (c == quote) {
                at++;
                return;
            } else {
                at++;
            }
        }
        throw SqlScript.refused(name, lineAt(opened), "the quote " + quote + " opened here is never closed");
    }

    private boolean skipDollarQuoted() {
        Matcher tag = DOLLAR_TAG.matcher(sql).region(at, sql.length());
        if (!tag.lookingAt()) {
            return false;
        }
        int close = sql.indexOf(tag.group(), tag.end());
        if (close < 0) {
            throw SqlScript.refused(name, lineAt(at), "the quote " + tag.group() + " opened here is never closed");
        }
        at = close + tag.group().length();
        return true;
    }

    private void skipComment() {
        int opened = at;
        int depth = 0;
        do {
            boolean opens = sql.startsWith("/*", at);
            boolean closes = sql.startsWith("*/", at);
            depth += opens ? 1 : closes ? -1 : 0;
            at += opens || closes ? 2 : 1;
        } while (depth > 0 && at < sql.length());
        if (depth > 0) {
            throw SqlScript.refused(name, lineAt(opened), "the comment opened here is never closed");
        }
    }

    private void begin() {
        if (start < 0) {
            start = at;
            startLine = lineAt(at);
        }
    }

    private void end() {
        if (start >= 0) {
            add(sql.substring(start, at).strip());
        }
        start = -1;
        parentheses = 0;
        blocks = 0;
        atomic = false;
    }

    private void add(String text) {
        if (COPY_FROM_STDIN.matcher(text).matches()) {
            throw SqlScript.refused(
                    name, startLine, "COPY ... FROM STDIN takes its rows from psql; write them as INSERT");
        }
        statements.add(new Statement(startLine, text));
    }

    /** The line of a place at or after the last one asked for. */
    private int lineAt(int place) {
        if (place < counted) {
            return 1
                    + (int) sql.substring(0, place)
                            .chars()
                            .filter(c -> c == '\n')
                            .count();
        }
        for (; counted < place; counted++) {
            line += sql.charAt(counted) == '\n' ? 1 : 0;
        }
        return line;
    }

    private String word() {
        int end = at;
        while (end < sql.length() && !Character.isWhitespace(sql.charAt(end))) {
            end++;
        }
        return sql.substring(at, end);
    }

    private int orEnd(int index) {
        return index < 0 ? sql.length() : index;
    }
}
