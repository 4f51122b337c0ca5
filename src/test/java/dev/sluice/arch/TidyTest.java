package dev.sluice.arch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The hard ends of the house style; habit is well below them. */
class TidyTest {
    private static final int COLUMNS_MAX = 120;
    private static final int FILE_LINES_MAX = 500;
    private static final int METHOD_LINES_MAX = 60;

    private static final Path SOURCE = Path.of("src");
    private static final Path MAIN = Path.of("src/main/java");
    // Put together, so that this file does not find itself.
    private static final Pattern MARKER = Pattern.compile("\\b(TO" + "DO|FIX" + "ME|HA" + "CK)\\b");
    private static final Pattern PRINT = Pattern.compile("System\\.(out|err)\\b|\\.printStackTrace\\(");
    /** A line that begins a method or constructor of a class (4 spaces) or of a nested one (8). */
    private static final Pattern METHOD = Pattern.compile("^( {4}| {8})[\\w<@].*\\)? ?(throws [\\w, .]+)?\\{$");

    private static final Pattern TYPE = Pattern.compile("\\b(class|interface|record|enum)\\b");
    private static final Pattern SQL_KEYWORD = Pattern.compile("\\b(SELECT|INSERT INTO|UPDATE|DELETE FROM|WHERE)\\b");

    private static List<Path> files(Path root, String... endings) {
        try (Stream<Path> walk = Files.walk(root)) {
            return walk.filter(Files::isRegularFile)
                    .filter(file -> Stream.of(endings).anyMatch(file.toString()::endsWith))
                    .sorted()
                    .toList();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private interface Rule {
        boolean broken(String line);
    }

    private static List<String> breaking(List<Path> files, Rule rule) {
        List<String> found = new ArrayList<>();
        for (Path file : files) {
            List<String> lines = lines(file);
            for (int i = 0; i < lines.size(); i++) {
                if (rule.broken(lines.get(i))) {
                    found.add(file + ":" + (i + 1) + ": " + lines.get(i).strip());
                }
            }
        }
        return found;
    }

    @Test
    void noLineIsWiderThanTheScreen() {
        assertThat(breaking(files(SOURCE, ".java", ".sql", ".proto"), line -> line.length() > COLUMNS_MAX))
                .isEmpty();
    }

    @Test
    void noFileIsTooLong() {
        assertThat(files(SOURCE, ".java").stream().filter(file -> lines(file).size() > FILE_LINES_MAX))
                .isEmpty();
    }

    @Test
    void noMethodIsTooLong() {
        List<String> found = new ArrayList<>();
        for (Path file : files(SOURCE, ".java")) {
            List<String> lines = lines(file);
            for (int i = 0; i < lines.size(); i++) {
                if (METHOD.matcher(lines.get(i)).matches()
                        && !TYPE.matcher(lines.get(i)).find()) {
                    int length = length(lines, i);
                    if (length > METHOD_LINES_MAX) {
                        found.add(file + ":" + (i + 1) + " has " + length + " lines");
                    }
                }
            }
        }
        assertThat(found).isEmpty();
    }

    /**
     * Up to the closing brace at the indentation of the beginning; 1 where it was the end of a type's wrapped header.
     */
    private static int length(List<String> lines, int from) {
        String first = lines.get(from);
        String margin = first.substring(0, first.length() - first.stripLeading().length());
        for (int i = from + 1; i < lines.size(); i++) {
            String line = lines.get(i);
            if (line.startsWith(margin + "}")) {
                return i - from + 1;
            }
            if (!line.isBlank() && !line.startsWith(margin)) {
                return 1;
            }
        }
        return 1;
    }

    @Test
    void longMethodsAreMeasured() {
        List<String> source = new ArrayList<>(List.of("class A {", "    void run(", "            int a) {"));
        source.addAll(List.of("    private static <T> T long(int a) {", "        if (a) {", "        }", "    }"));
        assertThat(METHOD.matcher(source.get(3)).matches()).isTrue();
        assertThat(length(source, 3)).isEqualTo(4);
        assertThat(METHOD.matcher("        void nested() throws IOException {").matches())
                .isTrue();
        assertThat(METHOD.matcher("        // a comment {").matches()).isFalse();
        assertThat(length(List.of("        int last) {", "    A {", "    }", "        }"), 0))
                .isEqualTo(1);
    }

    @Test
    void nothingIsLeftForLater() {
        assertThat(breaking(
                        files(SOURCE, ".java", ".sql", ".proto", ".jte", ".js", ".css"),
                        line -> MARKER.matcher(line).find()))
                .isEmpty();
    }

    @Test
    void onlyTheCommandLinePrints() {
        List<Path> quiet = files(MAIN, ".java").stream()
                .filter(file -> !file.endsWith("ops/Cli.java"))
                .toList();
        assertThat(breaking(quiet, line -> PRINT.matcher(line).find())).isEmpty();
    }

    @Test
    void everyPackageSaysWhatItOwnsAndIsNullMarked() {
        Set<String> silent = new TreeSet<>();
        for (Path file : files(MAIN, ".java")) {
            Path info = file.resolveSibling("package-info.java");
            if (!Files.exists(info)
                    || !String.join("\n", lines(info)).matches("(?s)/\\*\\*.*@NullMarked\\s+package .*")) {
                silent.add(String.valueOf(file.getParent()));
            }
        }
        assertThat(silent).isEmpty();
    }

    @Test
    void sqlIsLowerCase() {
        assertThat(breaking(
                        files(Path.of("src/main/resources/db"), ".sql"),
                        line -> SQL_KEYWORD.matcher(code(line)).find()))
                .isEmpty();
        List<Path> repositories = files(MAIN, "Repository.java", "Sql.java");
        assertThat(breaking(
                        repositories, line -> SQL_KEYWORD.matcher(code(line)).find()))
                .isEmpty();
    }

    private static String code(String line) {
        String stripped = line.strip();
        boolean comment = stripped.startsWith("--")
                || stripped.startsWith("//")
                || stripped.startsWith("*")
                || stripped.startsWith("/*")
                || stripped.toLowerCase(Locale.ROOT).startsWith("private static final string");
        return comment ? "" : line;
    }
}
