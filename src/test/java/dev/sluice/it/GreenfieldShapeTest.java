package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Every property that BTCPay's contract promises is in our answers, with its type; what differs is named below. */
class GreenfieldShapeTest {
    @RegisterExtension
    static final OpenGateway OPEN = new OpenGateway();

    /** What is left out or typed otherwise on purpose: the end of a property's path, and why. */
    private static final Map<String, String> EXCEPTIONS = Map.of(
            "onion", "null without a Tor service",
            "apiKey", "a key is kept as a hash: only its creation tells it",
            "preferredSource", "null with a custom script",
            "defaultPaymentMethod", "null where the store has no preference, as BTCPay answers",
            "destination", "null while a payment method is not activated",
            "errorMessage", "null for a delivery that went well",
            "deliveryTime", "null for a delivery that is still due",
            "config", "null unless asked for with includeConfig",
            "rate", "null where no source knows the pair",
            "secret", "told once, by creation");

    private static final Set<String> MAY_BE_ABSENT = Set.of("apiKey", "secret");

    private static InProcessGateway gateway;
    private final Map<String, List<String>> shapes = shapes();
    private final Set<String> visited = new TreeSet<>();
    private final List<String> wrong = new ArrayList<>();

    @BeforeAll
    static void start() {
        gateway = OPEN.gateway();
    }

    @Test
    void answersHaveEveryPropertyWithItsType() {
        users();
        String store = gateway.store();
        store(store);
        rates(store);
        invoices(store);
        webhooks(store);
        check("GET /misc/lang", null);
        check("GET /misc/permissions", null);
        check("GET /misc/rate-sources", null);
        check("GET /api/v1/health", null);
        check("GET /api/v1/server/info", null);
        assertThat(wrong).isEmpty();
        assertThat(visited).isEqualTo(new TreeSet<>(shapes.keySet()));
    }

    private void users() {
        JsonObject user = new JsonObject().put("email", "user@sluice.example").put("password", "correct horse battery");
        String id = check("POST /api/v1/users", user).getString("id");
        check("GET /api/v1/users/me", null);
        check("PUT /api/v1/users/me", new JsonObject().put("name", "Ada"));
        check("GET /api/v1/users/{idOrEmail}", null, "idOrEmail", id);
        JsonObject wanted = new JsonObject().put("label", "a");
        check("POST /api/v1/users/{idOrEmail}/api-keys", wanted, "idOrEmail", id);
        check("POST /api/v1/api-keys", wanted);
        check("GET /api/v1/api-keys/current", null);
    }

    private void store(String store) {
        JsonObject settings = new JsonObject()
                .put("name", "Shop")
                .put(
                        "paymentMethodCriteria",
                        JsonArray.of(new JsonObject()
                                .put("paymentMethodId", "BTC-LN")
                                .put("amount", "1000")));
        String bare = check("POST /api/v1/stores", settings).getString("id");
        check("GET /api/v1/stores", null);
        check("GET /api/v1/stores/{storeId}", null, "storeId", store);
        check("PUT /api/v1/stores/{storeId}", settings, "storeId", store);
        String method = "/api/v1/stores/{storeId}/payment-methods/{paymentMethodId}";
        check("GET /api/v1/stores/{storeId}/payment-methods", null, "storeId", store);
        check("GET " + method, null, "storeId", store, "paymentMethodId", "BTC-CHAIN");
        JsonObject enabled = new JsonObject().put("enabled", true);
        check("PUT " + method, enabled, "storeId", store, "paymentMethodId", "BTC-LN");
        JsonObject none = new JsonObject();
        String scheme = check(
                        "POST " + method + "/wallet/generate", none, "storeId", bare, "paymentMethodId", "BTC-CHAIN")
                .getJsonObject("config")
                .getString("derivationScheme");
        check("GET " + method + "/wallet/preview", null, "storeId", bare, "paymentMethodId", "BTC-CHAIN");
        JsonObject proposed = new JsonObject().put("derivationScheme", scheme);
        check("POST " + method + "/wallet/preview", proposed, "storeId", bare, "paymentMethodId", "BTC-CHAIN");
    }

    private void rates(String store) {
        check("GET /api/v1/stores/{storeId}/rates", null, "storeId", store);
        String configuration = "/api/v1/stores/{storeId}/rates/configuration";
        JsonObject spread = new JsonObject().put("spread", "1");
        check("POST " + configuration + "/preview", spread, "storeId", store);
        check("GET " + configuration + "/{rateSource}", null, "storeId", store, "rateSource", "primary");
        check("PUT " + configuration + "/{rateSource}", spread, "storeId", store, "rateSource", "primary");
    }

    private void invoices(String store) {
        JsonObject wanted = new JsonObject().put("amount", "5.00").put("currency", "USD");
        String id = check("POST /api/v1/stores/{storeId}/invoices", wanted, "storeId", store)
                .getString("id");
        check("GET /api/v1/stores/{storeId}/invoices?includePaymentMethods=true", null, "storeId", store);
        check("GET /api/v1/invoices/{invoiceId}", null, "invoiceId", id);
        JsonObject metadata = new JsonObject().put("metadata", new JsonObject().put("orderId", "1"));
        check("PUT /api/v1/invoices/{invoiceId}", metadata, "invoiceId", id);
        check("GET /api/v1/invoices/{invoiceId}/payment-methods", null, "invoiceId", id);
        JsonObject invalid = new JsonObject().put("status", "Invalid");
        check("POST /api/v1/invoices/{invoiceId}/status", invalid, "invoiceId", id);
        InProcessGateway.ok(gateway.ask("DELETE /api/v1/invoices/" + id, gateway.admin(), null));
        check("POST /api/v1/invoices/{invoiceId}/unarchive", new JsonObject(), "invoiceId", id);
    }

    private void webhooks(String store) {
        JsonObject settings = new JsonObject().put("url", "https://shop.example/hook");
        String id = check("POST /api/v1/stores/{storeId}/webhooks", settings, "storeId", store)
                .getString("id");
        check("GET /api/v1/stores/{storeId}/webhooks", null, "storeId", store);
        check("GET /api/v1/webhooks/{webhookId}", null, "webhookId", id);
        check("PUT /api/v1/webhooks/{webhookId}", settings, "webhookId", id);
        String ping = InProcessGateway.ok(
                        gateway.ask("POST /api/v1/webhooks/" + id + "/ping", gateway.admin(), new JsonObject()))
                .bodyAsString();
        String delivery = Json.decodeValue(ping).toString();
        check("GET /api/v1/webhooks/{webhookId}/deliveries", null, "webhookId", id);
        check(
                "GET /api/v1/webhooks/{webhookId}/deliveries/{deliveryId}",
                null,
                "webhookId",
                id,
                "deliveryId",
                delivery);
    }

    /** Asks, compares with the shape and gives the answer, or an empty object where that is a list. */
    private JsonObject check(String request, JsonObject body, String... names) {
        String operation = request.replaceAll("\\?.*", "");
        String asked = request;
        for (int i = 0; i < names.length; i += 2) {
            asked = asked.replace("{" + names[i] + "}", names[i + 1]);
        }
        HttpResponse<Buffer> answer = InProcessGateway.ok(gateway.ask(asked, gateway.admin(), body));
        Object document = Json.decodeValue(answer.body());
        visited.add(operation);
        shapes.get(operation).forEach(line -> compare(operation, document, line));
        return document instanceof JsonObject object ? object : new JsonObject();
    }

    private void compare(String operation, Object document, String line) {
        int colon = line.lastIndexOf(':');
        String path = line.substring(0, colon);
        walk(operation, path, List.of(path.split("\\.")), document, line.substring(colon + 1));
    }

    private void walk(String operation, String path, List<String> steps, Object at, String type) {
        String step = steps.getFirst();
        List<String> rest = steps.subList(1, steps.size());
        if (step.equals("[]")) {
            ((JsonArray) at).forEach(element -> walk(operation, path, rest, element, type));
            return;
        }
        String name = step.replace("[]", "");
        JsonObject object = (JsonObject) at;
        if (!object.containsKey(name)) {
            if (!MAY_BE_ABSENT.contains(name)) {
                wrong.add(operation + " lacks " + path);
            }
            return;
        }
        Object value = object.getValue(name);
        if (rest.isEmpty()) {
            boolean excused = value == null && EXCEPTIONS.containsKey(name);
            if (!excused && !fits(value, type)) {
                wrong.add(operation + " " + path + " is " + value + " and not " + type);
            }
        } else if (step.endsWith("[]")) {
            elements(value).forEach(element -> walk(operation, path, rest, element, type));
        } else if (value != null) {
            walk(operation, path, rest, value, type);
        }
    }

    private static List<Object> elements(Object value) {
        return value instanceof JsonArray array
                ? array.stream().filter(Objects::nonNull).toList()
                : List.of();
    }

    private static boolean fits(Object value, String type) {
        boolean nullable = type.endsWith("?");
        return switch (value) {
            case null -> nullable;
            case String text -> type.contains("string");
            case Boolean flag -> type.contains("boolean");
            case Number number -> type.contains("number");
            case JsonArray array -> type.contains("array");
            case JsonObject object -> type.contains("object");
            default -> false;
        };
    }

    private static Map<String, List<String>> shapes() {
        Map<String, List<String>> shapes = new LinkedHashMap<>();
        List<String> properties = new ArrayList<>();
        for (String line : text().lines().filter(l -> !l.startsWith("#")).toList()) {
            if (line.startsWith("  ")) {
                properties.add(line.strip());
            } else {
                properties = new ArrayList<>();
                shapes.put(line, properties);
            }
        }
        return shapes;
    }

    private static String text() {
        try (var in = GreenfieldShapeTest.class.getResourceAsStream("/greenfield-shapes.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
