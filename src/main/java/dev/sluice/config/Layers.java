package dev.sluice.config;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Lays defaults, file, environment and flags over each other. */
final class Layers {
    static final String PREFIX = "SLUICE_";
    /** A file of settings has a few KB; more is some other file. */
    private static final long FILE_MAX_BYTES = 1 << 20;
    /** Names of ours that are no keys, those of scripts/, and those that Kubernetes sets for a service named sluice. */
    private static final Pattern NO_KEY = Pattern.compile(
            "SLUICE_(CONFIG|CACHE|OFFLINE|CHROMIUM|DEBIAN_MIRROR|REGTEST_DIR" + "|[A-Z]+_BIN|PORT(_.*)?|SERVICE_.*)");

    private final Map<String, Setting> effective;
    private final List<String> problems;

    Layers(List<String> problems) {
        this.problems = problems;
        this.effective = new LinkedHashMap<>(YamlKeys.read("default", reference(), Setting.Source.DEFAULT, problems));
    }

    /** The reference as it is in the jar. */
    static String reference() {
        try (InputStream in = Layers.class.getResourceAsStream("/config/reference.yaml")) {
            if (in == null) {
                throw new IllegalStateException("the jar has no config/reference.yaml");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    Map<String, Setting> merge(@Nullable Path file, Map<String, String> environment, List<String> flags) {
        if (file != null) {
            file(file);
        }
        Aliases.read(environment, problems).forEach(effective::put);
        environment(environment);
        flags.forEach(this::flag);
        return effective;
    }

    private void file(Path file) {
        try {
            if (!Files.isRegularFile(file)) {
                problems.add(file + (Files.exists(file) ? ": not a file" : ": no such file"));
            } else if (Files.size(file) > FILE_MAX_BYTES) {
                problems.add(file + ": larger than 1 MiB");
            } else {
                YamlKeys.read(file.toString(), Files.readString(file), Setting.Source.FILE, problems)
                        .values()
                        .forEach(this::put);
            }
        } catch (IOException unreadable) {
            problems.add(file + ": cannot be read as UTF-8 text ("
                    + unreadable.getClass().getSimpleName() + ")");
        }
    }

    private void environment(Map<String, String> environment) {
        Map<String, String> keys = new LinkedHashMap<>();
        effective.keySet().forEach(key -> keys.put(variable(key), key));
        environment.forEach((name, value) -> {
            String key = keys.get(name);
            if (key != null) {
                put(new Setting(key, value.strip(), Setting.Source.ENVIRONMENT, "environment " + name));
            } else if (name.startsWith(PREFIX) && !NO_KEY.matcher(name).matches()) {
                problems.add(unknown(name, keys.keySet()) + " (environment)");
            }
        });
    }

    private void flag(String assignment) {
        int equals = assignment.indexOf('=');
        if (equals < 1) {
            problems.add("--set " + assignment + ": expected key=value");
            return;
        }
        put(new Setting(
                assignment.substring(0, equals).strip(),
                assignment.substring(equals + 1).strip(),
                Setting.Source.FLAG,
                "flag --set"));
    }

    private void put(Setting setting) {
        if (effective.containsKey(setting.key())) {
            effective.put(setting.key(), setting);
        } else {
            problems.add(unknown(setting.key(), effective.keySet()) + " (" + setting.origin() + ")");
        }
    }

    private static String unknown(String name, Collection<String> known) {
        return name + ": unknown key"
                + Nearest.to(name, known)
                        .map(near -> "; did you mean " + near + "?")
                        .orElse("");
    }

    /** The environment's name for a key. */
    static String variable(String key) {
        return PREFIX + key.replace('.', '_').toUpperCase(Locale.ROOT);
    }
}
