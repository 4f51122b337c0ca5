package dev.sluice.it;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.db.TestDatabase;
import dev.sluice.ledger.LedgerVerifier;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A merchant of a gateway: speaks its API with a key, hears its webhooks, and may look into its database. */
final class Shop {
    /** Kinds of the event log that endpoints are told; the others are the gateway's own. */
    private static final Set<String> TOLD = Set.of(
            "InvoiceCreated",
            "InvoiceReceivedPayment",
            "InvoicePaymentSettled",
            "InvoiceProcessing",
            "InvoiceSettled",
            "InvoiceExpired",
            "InvoiceExpiredPaidPartial",
            "InvoicePaidAfterExpiration",
            "InvoiceInvalid");

    private final GatewayProcess gateway;
    private final TestDatabase database;
    private final WebhookSink sink;
    private final String store;
    private final String key;

    /** Opens the store that the gateway's demonstration made, and registers a webhook. */
    Shop(GatewayProcess gateway, TestDatabase database, WebhookSink sink) {
        this.gateway = gateway;
        this.database = database;
        this.sink = sink;
        JsonObject made = new JsonObject(read(gateway));
        store = made.getString("store");
        key = made.getString("key");
        post("/api/v1/stores/" + store + "/webhooks", new JsonObject().put("url", sink.url()));
    }

    private Shop(GatewayProcess gateway, Shop same) {
        this.gateway = gateway;
        this.database = same.database;
        this.sink = same.sink;
        this.store = same.store;
        this.key = same.key;
    }

    /** The same shop, speaking to another process. */
    Shop at(GatewayProcess other) {
        return new Shop(other, this);
    }

    /** The simulated customer pays over Lightning. */
    void payDemo(String invoice) {
        bolt11(invoice);
        post("/demo/pay/" + invoice, new JsonObject());
    }

    /** An invoice over an amount of satoshi; its id. */
    String invoice(long sat) {
        return invoice(sat, new JsonObject());
    }

    /** @param checkout Greenfield's checkout options, say {@code expirationMinutes} */
    String invoice(long sat, JsonObject checkout) {
        JsonObject request = new JsonObject()
                .put("amount", Long.toString(sat))
                .put("currency", "SATS")
                .put("checkout", checkout);
        return post("/api/v1/stores/" + store + "/invoices", request).getString("id");
    }

    /** Closes an invoice that nobody is to pay any more. */
    void cancel(String invoice) {
        post("/api/v1/invoices/" + invoice + "/cancel", new JsonObject());
    }

    /** The settings of the store. */
    JsonObject settings() {
        return new JsonObject(get("/api/v1/stores/" + store));
    }

    /** Replaces the settings of the store. */
    void set(JsonObject settings) {
        checked(gateway.send(request("/api/v1/stores/" + store)
                .header("Content-Type", "application/json")
                .PUT(HttpRequest.BodyPublishers.ofString(settings.encode()))));
    }

    /** Status and additional status, say {@code New/PaidPartial}. */
    String state(String invoice) {
        JsonObject seen = new JsonObject(get("/api/v1/invoices/" + invoice));
        return seen.getString("status") + "/" + seen.getString("additionalStatus");
    }

    /** When it expires; asked of the database, which outlives the gateway. */
    Instant expiry(String invoice) {
        return await(database.db().read("select expires_at from invoice where id = $1", invoice))
                .iterator()
                .next()
                .getOffsetDateTime(0)
                .toInstant();
    }

    void awaitState(String invoice, String state) {
        Eventually.equal("invoice " + invoice, state, () -> state(invoice));
    }

    String address(String invoice) {
        return method(invoice, "BTC-CHAIN").getString("destination");
    }

    /** The BOLT 11 invoice offered now; waits until the node has one. */
    String bolt11(String invoice) {
        return Eventually.get(
                        "Lightning is offered for " + invoice,
                        () -> method(invoice, "BTC-LN"),
                        method -> method.getBoolean("activated"))
                .getString("destination");
    }

    JsonObject method(String invoice, String rail) {
        JsonArray methods = new JsonArray(get("/api/v1/invoices/" + invoice + "/payment-methods"));
        return methods.stream()
                .map(JsonObject.class::cast)
                .filter(method -> rail.equals(method.getString("paymentMethodId")))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + rail + " in " + methods.encode()));
    }

    /** Payments as {@code rail value-in-sat status late}, in the order of their arrival. */
    List<String> payments(String invoice) {
        List<String> seen = new ArrayList<>();
        String query = "select * from payment where invoice_id = $1 order by received_at, id";
        for (Row row : await(database.db().read(query, invoice))) {
            seen.add(row.getString("rail") + " " + row.getLong("value_msat") / 1_000 + " " + row.getString("status")
                    + (row.getBoolean("late") ? " late" : ""));
        }
        return seen;
    }

    /** States of the Lightning prompts of an invoice. */
    List<String> prompts(String invoice) {
        List<String> states = new ArrayList<>();
        String query = "select state from invoice_prompt where invoice_id = $1 and rail = 'BTC-LN' order by generation";
        for (Row row : await(database.db().read(query, invoice))) {
            states.add(row.getString("state"));
        }
        return states;
    }

    /** What the ledger credited for an invoice, reversals taken off, in satoshi. */
    long credited(String invoice) {
        return number("""
                select coalesce(sum(case when c.code = $2 then t.amount when d.code = $2 then -t.amount end), 0)::bigint
                from transfer t join account d on d.id = t.debit join account c on c.id = t.credit
                where t.subject = $1
                """, "invoice:" + invoice, account()) / 1_000;
    }

    /** What the operator owes the store, in satoshi. */
    long balance() {
        return number(
                        "select coalesce(sum(credits_posted - debits_posted), 0)::bigint from account where code = $1",
                        account())
                / 1_000;
    }

    /** What the invoices of the store received and still have, in satoshi. */
    long received() {
        return number("""
                select coalesce(sum(p.value_msat), 0)::bigint from payment p join invoice i on i.id = p.invoice_id
                where i.store_id = $1 and p.credited
                """, store) / 1_000;
    }

    /** Kinds of the events about an invoice that endpoints are told, in order. */
    List<String> events(String invoice) {
        return allEvents(invoice).stream().filter(TOLD::contains).toList();
    }

    /** Kinds of all events about an invoice, in order. */
    List<String> allEvents(String invoice) {
        List<String> kinds = new ArrayList<>();
        String query = "select kind from event where subject = $1 order by seq";
        for (Row row : await(database.db().read(query, "invoice:" + invoice))) {
            kinds.add(row.getString("kind"));
        }
        return kinds;
    }

    /** The block that holds the payment of an invoice; null while it is in none. */
    String blockOf(String invoice) {
        return await(database.db().read("select block_hash from payment where invoice_id = $1", invoice))
                .iterator()
                .next()
                .getString(0);
    }

    /** Waits until the webhook heard each event of an invoice, none of them twice under another id. */
    void awaitWebhooks(String invoice) {
        Eventually.get(
                "webhooks of " + invoice + " are " + events(invoice),
                () -> sink.of(invoice),
                heard -> counts(heard.stream().map(WebhookSink.Arrival::kind).toList())
                        .equals(counts(events(invoice))));
        heardStates(invoice);
    }

    /** A delivery tells the state that its kind names. */
    private void heardStates(String invoice) {
        for (WebhookSink.Arrival arrival : sink.of(invoice)) {
            assertThat(arrival.body().getString("storeId")).isEqualTo(store);
            switch (arrival.kind()) {
                case "InvoiceSettled" ->
                    assertThat(arrival.body().getString("status")).isEqualTo("Settled");
                case "InvoiceProcessing" ->
                    assertThat(arrival.body().getString("status")).isEqualTo("Processing");
                case "InvoiceExpired" ->
                    assertThat(arrival.body().getString("status")).isEqualTo("Expired");
                case "InvoiceInvalid" ->
                    assertThat(arrival.body().getString("status")).isEqualTo("Invalid");
                default -> assertThat(arrival.body().getString("status")).isNotBlank();
            }
        }
    }

    private static TreeMap<String, Long> counts(List<String> kinds) {
        return kinds.stream().collect(Collectors.groupingBy(kind -> kind, TreeMap::new, Collectors.counting()));
    }

    /** The books add up, and what is owed is what payments brought. */
    void assertSound() {
        assertThat(await(new LedgerVerifier(database.db()).verify()).drifts()).isEmpty();
        assertThat(balance()).isEqualTo(received());
    }

    /** Ends what a dead process held: its lease and its claims of webhook deliveries, which end by themselves later. */
    void freeTurn() {
        await(database.db().write("update lease set expires_at = '-infinity'", Tuple.tuple()));
    }

    private String account() {
        return "store:" + store + ":btc";
    }

    private long number(String query, Object... arguments) {
        return await(database.db().read(query, arguments)).iterator().next().getLong(0);
    }

    private String get(String path) {
        return checked(gateway.send(request(path).GET()));
    }

    private JsonObject post(String path, JsonObject body) {
        return new JsonObject(checked(gateway.send(request(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body.encode())))));
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(gateway.url(path)).header("Authorization", "token " + key);
    }

    private static String checked(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.body();
    }

    private static String read(GatewayProcess gateway) {
        try {
            return Files.readString(gateway.data().resolve("demo.json"));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
