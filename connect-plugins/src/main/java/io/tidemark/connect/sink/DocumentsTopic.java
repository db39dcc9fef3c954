package io.tidemark.connect.sink;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the name of a documents topic says: {@code <prefix>.<model>.documents}, and of a build that is not the first {@code
 * <prefix>.<model>.<number>.documents}.
 *
 * @param number of the generation
 */
record DocumentsTopic(String model, int number) {

    private static final Pattern NAME = Pattern.compile("[^.]+\\.([^.]+)(?:\\.([1-9][0-9]{0,8}))?\\.documents");

    /** Empty for a topic that is called otherwise. */
    static Optional<DocumentsTopic> parse(String topic) {
        Matcher name = NAME.matcher(topic);
        if (!name.matches()) {
            return Optional.empty();
        }
        String number = name.group(2);
        return Optional.of(new DocumentsTopic(name.group(1), number == null ? 1 : Integer.parseInt(number)));
    }
}
