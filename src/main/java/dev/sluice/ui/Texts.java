package dev.sluice.ui;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Collectors;

/** The sentences of the pages in one language; {@code messages/checkout_<language>.properties}. */
public final class Texts {
    /** Languages there are, the fallback first. */
    public static final List<String> LANGUAGES = List.of("en", "zh");

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'", Locale.ROOT);
    private static final Map<String, Texts> ALL =
            LANGUAGES.stream().collect(Collectors.toUnmodifiableMap(language -> language, Texts::load));

    private final String language;
    private final Properties sentences;

    private Texts(String language, Properties sentences) {
        this.language = language;
        this.sentences = sentences;
    }

    /** The first of the wishes ({@code zh-CN,zh;q=0.9}, {@code en}) that there is, else English. */
    @SafeVarargs
    public static Texts choose(Optional<String>... wishes) {
        for (Optional<String> wish : wishes) {
            for (String tag : wish.orElse("").split(",")) {
                String primary = tag.strip().split("[-_;]", 2)[0].toLowerCase(Locale.ROOT);
                if (ALL.containsKey(primary)) {
                    return of(primary);
                }
            }
        }
        return of(LANGUAGES.getFirst());
    }

    /** A moment as pages write it, the same in all languages. */
    static String time(Instant moment) {
        return TIME.format(moment.atOffset(ZoneOffset.UTC));
    }

    static Texts of(String language) {
        return Objects.requireNonNull(ALL.get(language));
    }

    public String language() {
        return language;
    }

    /** A sentence; a missing one is a mistake that a test finds. */
    public String get(String key) {
        return sentences.getProperty(key, key);
    }

    /** The sentences whose keys begin so, as an object for a script. */
    String json(String... beginnings) {
        JsonObject all = new JsonObject();
        sentences.stringPropertyNames().stream()
                .filter(key -> Arrays.stream(beginnings).anyMatch(key::startsWith))
                .sorted()
                .forEach(key -> all.put(key, get(key)));
        return all.encode();
    }

    private static Texts load(String language) {
        Properties sentences = new Properties();
        try (InputStream in =
                Texts.class.getClassLoader().getResourceAsStream("messages/checkout_" + language + ".properties")) {
            sentences.load(new InputStreamReader(Objects.requireNonNull(in), StandardCharsets.UTF_8));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        return new Texts(language, sentences);
    }
}
