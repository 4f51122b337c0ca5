package dev.sluice.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.sluice.kernel.Check;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * The API's contract (OpenAPI 3.1): {@code openapi/sluice.yaml}, and for each name in its {@code x-parts} the paths
 * and components of {@code openapi/paths/<name>.yaml}. Two parts that define the same thing are an error at start.
 */
public final class Contract {
    private static final Set<String> METHODS = Set.of("get", "post", "put", "patch", "delete");
    private static final YAMLMapper YAML = new YAMLMapper(YAMLFactory.builder()
            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
            .build());

    private final String json;
    private final String yaml;
    private final Set<String> operations;

    private Contract(ObjectNode document) throws IOException {
        this.json = new ObjectMapper().writeValueAsString(document);
        this.yaml = YAML.writeValueAsString(document);
        this.operations = Set.copyOf(operations(document));
    }

    /** Reads the contract from the class path; blocking, for start-up. */
    public static Contract load() {
        try {
            ObjectNode document = read("openapi/sluice.yaml");
            JsonNode parts = document.remove("x-parts");
            for (JsonNode part : parts) {
                ObjectNode fragment = read("openapi/paths/" + part.asText() + ".yaml");
                merge(document, fragment, part.asText());
            }
            return new Contract(document);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** The whole document as JSON. */
    public String json() {
        return json;
    }

    /** The whole document as YAML. */
    public String yaml() {
        return yaml;
    }

    /** Every operation as {@code METHOD /path/{parameter}}. */
    public Set<String> operations() {
        return operations;
    }

    private static void merge(ObjectNode into, ObjectNode fragment, String where) {
        fragment.properties().forEach(entry -> {
            JsonNode there = into.get(entry.getKey());
            if (there instanceof ObjectNode object && entry.getValue() instanceof ObjectNode more) {
                merge(object, more, where + "/" + entry.getKey());
            } else {
                Check.require(there == null, "the contract defines twice: " + where + "/" + entry.getKey());
                into.set(entry.getKey(), entry.getValue());
            }
        });
    }

    private static Set<String> operations(ObjectNode document) {
        Set<String> operations = new TreeSet<>();
        document.path("paths")
                .properties()
                .forEach(path -> path.getValue().fieldNames().forEachRemaining(method -> {
                    if (METHODS.contains(method)) {
                        operations.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey());
                    }
                }));
        return operations;
    }

    private static ObjectNode read(String resource) throws IOException {
        try (InputStream in = Contract.class.getClassLoader().getResourceAsStream(resource)) {
            Check.require(in != null, "no resource " + resource);
            return (ObjectNode) YAML.readTree(in);
        }
    }
}
