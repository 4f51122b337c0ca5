package dev.sluice.config;

import dev.sluice.kernel.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads settings as types. A bad value becomes a problem and a harmless stand-in, so that all are found at once. */
final class Values {
    private static final long SECRET_MAX_BYTES = 64 * 1024;
    /** With the zone of an IPv6 address. */
    private static final Pattern HOST =
            Pattern.compile("[A-Za-z0-9._-]{1,253}|(?=.*:.*:)[0-9A-Fa-f:.]{2,45}(%[A-Za-z0-9._-]{1,32})?");

    private static final Pattern WHOLE = Pattern.compile("-?[0-9]{1,18}");

    private final Map<String, Setting> settings;
    private final List<String> problems;
    private final List<String> warnings;
    private final Set<String> read = new HashSet<>();
    private final Set<String> secrets = new HashSet<>();

    Values(Map<String, Setting> settings, List<String> problems, List<String> warnings) {
        this.settings = settings;
        this.problems = problems;
        this.warnings = warnings;
    }

    String text(String key) {
        return setting(key).value();
    }

    /** A text that must be there. */
    String required(String key) {
        String value = text(key);
        if (value.isEmpty()) {
            problem(key, "must be set");
        }
        return value;
    }

    int number(String key, int min, int max) {
        String value = text(key);
        if (WHOLE.matcher(value).matches()) {
            long number = Long.parseLong(value);
            if (number >= min && number <= max) {
                return (int) number;
            }
        }
        problem(key, "'" + value + "' is not a whole number from " + min + " to " + max);
        return min;
    }

    boolean flag(String key) {
        String value = text(key);
        if (!value.equals("true") && !value.equals("false")) {
            problem(key, "'" + value + "' is neither true nor false");
        }
        return value.equals("true");
    }

    /** One of an enum's constants, written in lower case. */
    <E extends Enum<E>> E choice(String key, Class<E> type) {
        String value = text(key);
        List<E> all = List.of(type.getEnumConstants());
        List<String> names =
                all.stream().map(e -> e.name().toLowerCase(Locale.ROOT)).toList();
        int index = names.indexOf(value);
        if (index < 0) {
            problem(key, "'" + value + "' is none of " + String.join(", ", names));
            return all.getFirst();
        }
        return all.get(index);
    }

    List<String> list(String key) {
        return Arrays.stream(text(key).split(",", -1))
                .map(String::strip)
                .filter(item -> !item.isEmpty())
                .toList();
    }

    /** A path, or empty where none is set. */
    Optional<Path> path(String key) {
        String value = text(key);
        return value.isEmpty() ? Optional.empty() : Optional.of(path(key, value));
    }

    private Path path(String key, String value) {
        try {
            return Path.of(value);
        } catch (InvalidPathException malformed) {
            problem(key, "is not a path: " + malformed.getReason());
            return Path.of("");
        }
    }

    /** A path that must be set. */
    Path requiredPath(String key) {
        return path(key, required(key));
    }

    /** A host by name or address. */
    String host(String key) {
        String value = required(key);
        if (!value.isEmpty() && !HOST.matcher(value).matches()) {
            problem(key, "'" + value + "' is not the name or address of a host");
        }
        return value;
    }

    /** A file that must be there and readable. */
    Path file(String key) {
        Path file = requiredPath(key);
        if (!text(key).isEmpty() && !(Files.isRegularFile(file) && Files.isReadable(file))) {
            problem(key, "no readable file " + file);
        }
        return file;
    }

    /** A file with a secret inside: as {@link #file}, and a warning where every user of the machine can read it. */
    Path secretFile(String key) {
        Path file = file(key);
        warnIfWorldReadable(key, file);
        return file;
    }

    /** The environment's value, or the content of the file that {@code <key>_file} names; empty without either. */
    Secret secret(String key) {
        secrets.add(key);
        Setting direct = setting(key);
        String fileKey = key + "_file";
        boolean byFile = !text(fileKey).isEmpty();
        if (direct.source() == Setting.Source.FILE || direct.source() == Setting.Source.FLAG) {
            problem(key, "a secret must not stand there; use " + Layers.variable(key) + " or " + fileKey);
        } else if (byFile && !direct.value().isEmpty()) {
            problem(key, "set together with " + fileKey + "; use one");
        } else if (byFile) {
            return content(fileKey);
        }
        return new Secret(direct.value());
    }

    private Secret content(String key) {
        Path file = secretFile(key);
        try {
            if (Files.isRegularFile(file) && Files.size(file) > SECRET_MAX_BYTES) {
                problem(key, "larger than 64 KiB");
                return new Secret("");
            }
            Secret secret = Secret.written(Files.readString(file));
            if (secret.value().isEmpty()) {
                problem(key, "the file is empty");
            }
            return secret;
        } catch (IOException unreadable) {
            problem(key, "cannot be read as text");
            return new Secret("");
        }
    }

    private void warnIfWorldReadable(String key, Path file) {
        try {
            if (Files.isRegularFile(file)
                    && Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ)) {
                warn(key, "every user of this machine can read " + file + "; chmod 600 it");
            }
        } catch (IOException | UnsupportedOperationException unknown) {
            // No POSIX permissions on this file system: nothing to say.
        }
    }

    void problem(String key, String what) {
        problems.add(key + ": " + what + " (" + setting(key).origin() + ")");
    }

    void warn(String key, String what) {
        warnings.add(key + ": " + what);
    }

    private Setting setting(String key) {
        read.add(key);
        return Objects.requireNonNull(settings.get(key), () -> "reference.yaml lacks " + key);
    }

    Set<String> keysRead() {
        return Set.copyOf(read);
    }

    boolean isSecret(String key) {
        return secrets.contains(key);
    }
}
