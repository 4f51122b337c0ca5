package dev.sluice.it;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A merchant's receiver of webhooks, which says yes to everything and remembers it. */
final class WebhookSink implements AutoCloseable {
    /** One delivery; {@code id} is that of the {@code webhook-id} header, the same for every attempt. */
    record Arrival(String id, JsonObject body) {
        String kind() {
            return body.getString("type");
        }

        String invoice() {
            return body.getString("invoiceId");
        }
    }

    private final ConcurrentLinkedQueue<Arrival> arrivals = new ConcurrentLinkedQueue<>();
    private final HttpServer server;

    WebhookSink() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        server.createContext("/", this::receive);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/hook";
    }

    /** The distinct deliveries about an invoice, in the order of their first arrival. */
    List<Arrival> of(String invoice) {
        Map<String, Arrival> byId = new LinkedHashMap<>();
        arrivals.stream()
                .filter(arrival -> invoice.equals(arrival.invoice()))
                .forEach(arrival -> byId.putIfAbsent(arrival.id(), arrival));
        return List.copyOf(byId.values());
    }

    /** Everything that arrived, repetitions included. */
    List<Arrival> all() {
        return List.copyOf(arrivals);
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void receive(HttpExchange exchange) throws IOException {
        try (exchange) {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            arrivals.add(new Arrival(exchange.getRequestHeaders().getFirst("webhook-id"), new JsonObject(body)));
            exchange.sendResponseHeaders(200, -1);
        }
    }
}
