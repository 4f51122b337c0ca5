package dev.sluice.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the configuration: defaults, then a file, then the environment, then flags; later wins. */
public final class ConfigLoader {
    private ConfigLoader() {}

    /**
     * What was loaded.
     *
     * @param warnings things that work and should not stay as they are
     * @param effective every key with its value and origin, secrets masked, in the reference's order
     */
    public record Loaded(SluiceConfig config, List<String> warnings, List<Effective> effective) {
        public Loaded {
            warnings = List.copyOf(warnings);
            effective = List.copyOf(effective);
        }
    }

    /** One line of {@code config print}. */
    public record Effective(String key, String value, String origin) {}

    /**
     * Loads and checks; throws {@link ConfigException} with every problem found.
     *
     * @param file settings of the operator, or null for none
     * @param flags {@code key=value} each
     */
    public static Loaded load(@Nullable Path file, Map<String, String> environment, List<String> flags) {
        List<String> problems = new ArrayList<>();
        List<String> warnings = new ArrayList<>();
        Map<String, Setting> settings = new Layers(problems).merge(file, environment, flags);
        Values values = new Values(settings, problems, warnings);
        SluiceConfig config = new Sections(values).read();
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
        List<Effective> effective = settings.values().stream()
                .map(setting -> new Effective(setting.key(), shown(setting, values), setting.origin()))
                .toList();
        return new Loaded(config, warnings, effective);
    }

    private static String shown(Setting setting, Values values) {
        return values.isSecret(setting.key()) && !setting.value().isEmpty() ? "***" : setting.value();
    }

    /** Keys that the code reads and keys of the reference, which must be the same. */
    static List<Set<String>> keys() {
        Map<String, Setting> settings = new Layers(new ArrayList<>()).merge(null, Map.of(), List.of());
        Values values = new Values(settings, new ArrayList<>(), new ArrayList<>());
        new Sections(values).read();
        return List.of(values.keysRead(), settings.keySet());
    }
}
