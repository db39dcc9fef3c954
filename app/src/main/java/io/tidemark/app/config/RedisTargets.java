package io.tidemark.app.config;

import io.tidemark.app.config.ReadModelConfig.Target;
import io.tidemark.app.config.ReadModelConfig.TargetOptions;
import io.tidemark.stores.redis.RedisTarget;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Parses targets in redis stores: a key template, or a mapping of it, a form and a life. */
final class RedisTargets {

    private static final Pattern TEMPLATE = Pattern.compile("([^{}]|\\{[^{}]+})*\\{[^{}]+}([^{}]|\\{[^{}]+})*");
    private static final String KEY = "key";
    private static final String FORM = "form";
    private static final String TTL = "ttl";
    private static final String POINTER = "pointer";
    private static final List<String> FORMS = Arrays.stream(RedisTarget.Form.values())
            .map(RedisTarget.Form::lowerCase)
            .toList();

    private RedisTargets() {}

    static Optional<Target> parse(Section to, StoreConfig store) {
        Optional<Section> options = to.mapping(store.name());
        options.ifPresent(section -> section.allowOnly(List.of(KEY, FORM, TTL, POINTER)));
        Section section = options.orElse(to);
        String key = options.isPresent() ? KEY : store.name();
        Mention template = section.text(key);
        if (template.text().isEmpty()) {
            return Optional.empty();
        }
        if (!TEMPLATE.matcher(template.text()).matches()) {
            section.problemWith(template, key, "expected a key such as order:{id}, found '" + template.text() + "'");
        }
        TargetOptions stored =
                options.map(RedisTargets::stored).orElse(new TargetOptions.Stored(RedisTarget.Form.JSON, null));
        return Optional.of(new Target(store.name(), template, stored));
    }

    private static TargetOptions stored(Section options) {
        RedisTarget.Form form =
                options.optionalText(FORM).flatMap(text -> form(options, text)).orElse(RedisTarget.Form.JSON);
        Optional<Duration> ttl = options.optionalDuration(TTL);
        if (ttl.isPresent() && form == RedisTarget.Form.INVALIDATE) {
            options.problem(options.place(), "'ttl' is of no use with form: invalidate; who caches says how long");
        }
        boolean pointed = options.optionalBoolean(POINTER).orElse(false);
        if (pointed && form == RedisTarget.Form.INVALIDATE) {
            options.problem(options.place(), "'pointer' is of no use with form: invalidate; the keys are your own");
        }
        return new TargetOptions.Stored(form, ttl.orElse(null), pointed);
    }

    private static Optional<RedisTarget.Form> form(Section options, Mention text) {
        Optional<RedisTarget.Form> form = Arrays.stream(RedisTarget.Form.values())
                .filter(each -> each.lowerCase().equals(text.text()))
                .findFirst();
        if (form.isEmpty()) {
            options.problemWith(
                    text,
                    FORM,
                    "expected one of " + String.join(", ", FORMS) + ", found '" + text.text() + "'"
                            + Suggestion.of(text.text(), FORMS));
        }
        return form;
    }
}
