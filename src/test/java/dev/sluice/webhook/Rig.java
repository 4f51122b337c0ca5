package dev.sluice.webhook;

import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.db.TestDatabase.until;

import dev.sluice.bus.Bus;
import dev.sluice.db.Db;
import dev.sluice.db.TestDatabase;
import dev.sluice.egress.EgressClient;
import dev.sluice.egress.EgressRules;
import dev.sluice.eventlog.Event;
import dev.sluice.eventlog.EventLog;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.Ids;
import dev.sluice.kernel.Secret;
import dev.sluice.kernel.StoreId;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The parts a test needs around the engine: clock, store, event log, service. Register it as a field of the test, after
 * the database.
 */
final class Rig implements AfterEachCallback {
    static final Secret SECRET = new Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");

    final Db db;
    final Bus bus;
    final EventLog events;
    final EgressClient egress;
    final WebhookService service;
    final Entropy entropy = Entropy.secure();
    final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-23T12:00:00Z"));
    final StoreId store;

    private final TestDatabase database;
    private final List<String> engines = new ArrayList<>();

    Rig(TestDatabase database) {
        this.database = database;
        this.db = database.db();
        this.bus = database.bus();
        this.events = new EventLog(db, bus);
        this.egress = EgressClient.open(database.vertx(), EgressRules.LOCAL);
        this.service = new WebhookService(db, bus, egress, now::get, entropy);
        this.store = new StoreId(new Ids(now::get, entropy).next());
    }

    String startEngine() {
        return startEngine(15_000, 1_024);
    }

    String startEngine(int timeoutMs, int concurrency) {
        var sending = new WebhookVerticle.Sending("test", timeoutMs, concurrency);
        String id = await(database.vertx()
                .deployVerticle(new WebhookVerticle(db, events, bus, egress, now::get, entropy, sending)));
        engines.add(id);
        return id;
    }

    void stopEngine(String id) {
        engines.remove(id);
        await(database.vertx().undeploy(id));
    }

    @Override
    public void afterEach(ExtensionContext context) {
        List.copyOf(engines).forEach(this::stopEngine);
        await(db.write("update webhook set enabled = false, deleted_at = now()", Tuple.tuple()));
        await(egress.close());
    }

    Webhook endpoint(String url) {
        return endpoint(new WebhookSettings(url, true, true, Optional.of(SECRET), true, Set.of()));
    }

    Webhook endpoint(WebhookSettings settings) {
        return await(db.tx(tx -> service.create(tx, store, settings))).webhook();
    }

    /** Something happens to an invoice of the store. */
    void happen(String kind, String invoice) {
        happen(List.of(event(kind, invoice)));
    }

    void happen(List<Event> happened) {
        await(db.tx(tx -> events.append(tx, happened)));
        events.hint();
    }

    Event event(String kind, String invoice) {
        return new Event(
                now.get(),
                kind,
                store,
                "invoice:" + invoice,
                1,
                new JsonObject()
                        .put("invoiceId", invoice)
                        .put("amount", "10.00")
                        .put("storeId", "spoofed"));
    }

    /** Moves time and lets the engines look. */
    void pass(Duration time) {
        now.updateAndGet(at -> at.plus(time));
        service.wake();
    }

    /** Waits until the log of an endpoint holds a number of lines in a state. */
    List<Delivery> logged(Webhook webhook, String state, int lines) {
        return until(() -> service.deliveries(webhook, List.of(state), 500), found -> found.size() >= lines);
    }

    /** Waits until so many deliveries match. */
    void untilCount(String where, long rows) {
        until(() -> counted(where), found -> found == rows);
    }

    long count(String where) {
        return await(counted(where));
    }

    private Future<Long> counted(String where) {
        return db.read("select count(*) as rows from webhook_delivery where " + where)
                .map(rows -> rows.iterator().next().getLong("rows"));
    }

    static Failure failure(Future<?> future) {
        return ((dev.sluice.kernel.FailureException) TestDatabase.failure(future)).failure();
    }
}
