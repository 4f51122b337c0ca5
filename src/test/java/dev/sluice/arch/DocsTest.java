package dev.sluice.arch;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the documentation names exists: files, settings, environment names, classes. */
class DocsTest {
    private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)");
    private static final Pattern SCHEME = Pattern.compile("^[a-z]+:.*");
    private static final Pattern CODE = Pattern.compile("`([^`\n]+)`");
    private static final Pattern PATH =
            Pattern.compile("(?<![\\w./$-])(?:src|docs|config|scripts|docker|\\.ci)/[\\w./*<>-]*[\\w/*>]");
    private static final Pattern SETTING = Pattern.compile("([a-z]+)\\.[a-z_]+");
    private static final Pattern ENVIRONMENT = Pattern.compile("\\bSLUICE_[A-Z_]+[A-Z]\\b");
    /** At least two humps, so that a word that begins a sentence is none. */
    private static final Pattern NAME = Pattern.compile("[A-Z][a-z0-9]+(?:[A-Z][a-z0-9]*)+");

    /** Made by whoever follows the instructions. */
    private static final Set<String> MADE = Set.of("docker/external.env");
    /** Names of other programs. */
    private static final Set<String> FOREIGN = Set.of("Retry-After", "AddInvoice", "SubscribeInvoices");

    private static Map<Path, String> documents = Map.of();
    private static Set<String> settings = Set.of();
    private static String sources = "";

    @BeforeAll
    static void read() throws IOException {
        try (Stream<Path> docs = Files.walk(Path.of("docs"))) {
            documents = Stream.concat(
                            Stream.of("README.md", "CONTRIBUTING.md", "CHANGELOG.md")
                                    .map(Path::of),
                            docs.filter(file -> file.toString().endsWith(".md")))
                    .collect(Collectors.toMap(file -> file, DocsTest::text));
        }
        settings = settings();
        try (Stream<Path> files = Stream.concat(Files.walk(Path.of("src")), Files.walk(Path.of("scripts")))) {
            sources = files.filter(Files::isRegularFile)
                    .filter(file -> !file.endsWith("DocsTest.java"))
                    .map(DocsTest::text)
                    .collect(Collectors.joining("\n"));
        }
    }

    @Test
    void linksLeadSomewhere() {
        List<String> dead = new ArrayList<>();
        documents.forEach((file, text) -> matches(LINK, text)
                .map(found -> found.group(1))
                .filter(target -> !SCHEME.matcher(target).matches())
                .map(target -> target.replaceFirst("#.*", ""))
                .filter(target -> !target.isEmpty() && !Files.exists(file.resolveSibling(target)))
                .forEach(target -> dead.add(file + ": " + target)));
        assertThat(dead).isEmpty();
    }

    @Test
    void pathsExist() {
        assertThat(named(PATH, documents)
                        .filter(path -> !path.contains("<") && !path.contains("*"))
                        .filter(path -> !MADE.contains(path) && !Files.exists(Path.of(path))))
                .isEmpty();
    }

    @Test
    void settingsAreInTheReference() {
        Set<String> sections = settings.stream()
                .filter(key -> key.contains("."))
                .map(key -> key.replaceFirst("\\..*", ""))
                .collect(Collectors.toSet());
        assertThat(spans().filter(span -> SETTING.matcher(span).matches())
                        .filter(span -> sections.contains(span.replaceFirst("\\..*", "")))
                        .filter(span -> !settings.contains(span) && !isLogged(span)))
                .isEmpty();
    }

    @Test
    void environmentNamesAreRead() {
        Set<String> names = settings.stream()
                .map(key -> "SLUICE_" + key.replace('.', '_').toUpperCase(Locale.ROOT))
                .collect(Collectors.toSet());
        assertThat(named(ENVIRONMENT, documents).filter(name -> !names.contains(name) && !sources.contains(name)))
                .isEmpty();
    }

    @Test
    void classesAndEventsExist() {
        Set<String> words = matches(NAME, sources).map(MatchResult::group).collect(Collectors.toSet());
        assertThat(spans().flatMap(span -> Stream.of(span.split("\\.")))
                        .filter(name -> NAME.matcher(name).matches())
                        .filter(name -> !FOREIGN.contains(name) && !words.contains(name)))
                .isEmpty();
    }

    @Test
    void theChecksSeeWhatTheyCheck() {
        assertThat(spans()).contains("LedgerSql.APPLY", "database.pool_size", "scripts/demo");
        assertThat(settings).contains("network", "http.port");
    }

    /** Logs name events as settings are named. */
    private static boolean isLogged(String name) {
        return sources.contains("\"" + name + " ");
    }

    private static Stream<String> spans() {
        return documents.values().stream()
                .flatMap(text -> matches(CODE, text))
                .map(found -> found.group(1))
                .distinct();
    }

    private static Stream<String> named(Pattern pattern, Map<Path, String> in) {
        return in.values().stream()
                .flatMap(text -> matches(pattern, text))
                .map(MatchResult::group)
                .distinct();
    }

    private static Stream<MatchResult> matches(Pattern pattern, String text) {
        return pattern.matcher(text).results();
    }

    private static Set<String> settings() throws IOException {
        JsonNode root =
                new YAMLMapper().readTree(Path.of("config/reference.yaml").toFile());
        Set<String> keys = new HashSet<>();
        root.properties().forEach(section -> {
            if (section.getValue().isObject()) {
                section.getValue().fieldNames().forEachRemaining(key -> keys.add(section.getKey() + "." + key));
            } else {
                keys.add(section.getKey());
            }
        });
        return Set.copyOf(keys);
    }

    private static String text(Path file) {
        try {
            return new String(Files.readAllBytes(file), java.nio.charset.StandardCharsets.UTF_8);
        } catch (IOException failure) {
            throw new java.io.UncheckedIOException(failure);
        }
    }
}
