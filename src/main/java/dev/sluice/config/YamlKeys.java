package dev.sluice.config;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;

/** Reads a YAML document of sections, scalars and lists of scalars as dotted keys, keeping the line of each. */
final class YamlKeys {
    private static final YAMLFactory YAML = new YAMLFactory();
    /** Sections inside sections; the reference has two levels. */
    private static final int DEPTH_MAX = 4;

    private final String name;
    private final JsonParser parser;
    private final Map<String, Setting> found = new LinkedHashMap<>();
    private final Set<String> seen = new HashSet<>();
    private final List<String> problems;

    private YamlKeys(String name, JsonParser parser, List<String> problems) {
        this.name = name;
        this.parser = parser;
        this.problems = problems;
    }

    /** The settings of a document; what cannot be read is added to {@code problems}. */
    static Map<String, Setting> read(String name, String text, Setting.Source source, List<String> problems) {
        try (JsonParser parser = YAML.createParser(text)) {
            YamlKeys keys = new YamlKeys(name, parser, problems);
            keys.document(source);
            return keys.found;
        } catch (JsonProcessingException malformed) {
            int line = malformed.getLocation() == null
                    ? 1
                    : malformed.getLocation().getLineNr();
            problems.add(name + ":" + line + ": not YAML: "
                    + malformed.getOriginalMessage().lines().findFirst().orElse(""));
        } catch (IOException unreadable) {
            problems.add(name + ": cannot be read: " + unreadable.getMessage());
        }
        return Map.of();
    }

    private void document(Setting.Source source) throws IOException {
        JsonToken first = parser.nextToken();
        if (first == null || first == JsonToken.VALUE_NULL) {
            return; // empty, or comments alone
        }
        if (first != JsonToken.START_OBJECT) {
            problems.add(here() + ": expected 'key: value' lines");
            return;
        }
        section("", source, 1);
        if (parser.nextToken() != null) {
            problems.add(here() + ": a second document");
        }
    }

    private void section(String prefix, Setting.Source source, int depth) throws IOException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String key = prefix + parser.currentName();
            String origin = here();
            if (!seen.add(key)) {
                problems.add(key + ": given twice (" + origin + ")");
            }
            switch (parser.nextToken()) {
                case START_OBJECT -> {
                    if (depth == DEPTH_MAX) {
                        problems.add(key + ": nested too deeply (" + origin + ")");
                        parser.skipChildren();
                    } else {
                        section(key + ".", source, depth + 1);
                    }
                }
                case START_ARRAY -> found.put(key, new Setting(key, list(key), source, origin));
                default -> found.put(key, new Setting(key, scalar(), source, origin));
            }
        }
    }

    private String list(String key) throws IOException {
        StringJoiner items = new StringJoiner(",");
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            if (token.isScalarValue()) {
                items.add(scalar());
            } else {
                problems.add(key + ": a list of plain values is expected (" + here() + ")");
                parser.skipChildren();
            }
        }
        return items.toString();
    }

    private String scalar() throws IOException {
        if (parser instanceof YAMLParser yaml && yaml.isCurrentAlias()) {
            problems.add(here() + ": aliases (*" + parser.getText() + ") are not read; write the value");
        }
        return parser.currentToken() == JsonToken.VALUE_NULL
                ? ""
                : parser.getText().strip();
    }

    private String here() {
        return name + ":" + parser.currentTokenLocation().getLineNr();
    }
}
