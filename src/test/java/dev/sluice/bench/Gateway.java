package dev.sluice.bench;

import dev.sluice.db.DbConfig;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The gateway as users run it: the jar, a simulated node and chain, its demonstration's store and key. */
final class Gateway implements AutoCloseable {
    private final Child child;
    private final int port;
    private final DbConfig database;
    private final String store;
    private final String key;

    private Gateway(Child child, int port, DbConfig database, JsonObject demo) {
        this.child = child;
        this.port = port;
        this.database = database;
        this.store = demo.getString("store");
        this.key = demo.getString("key");
    }

    /** With a simulated node and chain. */
    static Gateway start(Server server, Path folder) throws Exception {
        return start(
                server,
                "gateway",
                folder.resolve("gateway"),
                Map.of("SLUICE_CHAIN_MODE", "simulated", "SLUICE_LIGHTNING_MODE", "simulated"));
    }

    /** @param rails settings of the nodes, as environment */
    static Gateway start(Server server, String schema, Path folder, Map<String, String> rails) throws Exception {
        Files.createDirectories(folder);
        DbConfig database = server.empty(schema);
        int port = Child.freePort();
        Map<String, String> settings = new HashMap<>(Map.of(
                "HTTP_PORT", Integer.toString(port),
                "MANAGEMENT_PORT", Integer.toString(Child.freePort()),
                "DATA_FOLDER", folder.toString(),
                "NETWORK", "regtest",
                "DEMO_ENABLED", "true",
                "RATES_SOURCES", "",
                "RATES_FIXED", "USD=60000",
                "WEBHOOKS_ALLOW_PRIVATE_ADDRESSES", "true"));
        settings.putAll(Map.of(
                "HTTP_TRUSTED_PROXIES", "127.0.0.1",
                "LIMITS_KEY_REQUESTS_PER_MINUTE", "1000000",
                "DATABASE_MODE", "external",
                "DATABASE_HOST", database.host(),
                "DATABASE_PORT", Integer.toString(database.port()),
                "DATABASE_NAME", database.database(),
                "DATABASE_USER", database.user(),
                "DATABASE_PASSWORD", database.password().value()));
        Map<String, String> environment = new HashMap<>(rails);
        settings.forEach((name, value) -> environment.put("SLUICE_" + name, value));
        Child child = Child.start(
                folder.resolve("gateway.log"),
                environment,
                port,
                "-jar",
                Path.of("target", "sluice.jar").toString(),
                "serve");
        return new Gateway(child, port, database, new JsonObject(Files.readString(folder.resolve("demo.json"))));
    }

    /** Sends {@code InvoiceSettled} to a sink on this machine. */
    void subscribe(Vertx vertx, int sinkPort) {
        String body = new JsonObject()
                .put("url", "http://127.0.0.1:" + sinkPort + "/")
                .put(
                        "authorizedEvents",
                        new JsonObject().put("everything", false).put("specificEvents", List.of("InvoiceSettled")))
                .encode();
        Buffer request = Requests.post("/api/v1/stores/" + store + "/webhooks", 0, authorization(), body);
        new Load(vertx, port).each(2, 1, number -> request, answer -> {});
    }

    int port() {
        return port;
    }

    DbConfig database() {
        return database;
    }

    String store() {
        return store;
    }

    /** The header that authorises, with its line end. */
    String authorization() {
        return "Authorization: token " + key + "\r\n";
    }

    @Override
    public void close() {
        child.close();
    }
}
