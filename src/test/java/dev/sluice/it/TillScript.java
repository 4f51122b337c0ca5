package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.card.ntag424.Tap;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What a till does with one card until it is replaced: each request under a key of its own. Run again it asks the same
 * once more, from the beginning, and must hear of the same charges, invoices and cards.
 */
final class TillScript {
    private static final int BLOCKS = 2;
    /** Requests of a whole run. */
    static final int STEPS = BLOCKS * 9 + 7;
    /** On the card at the start, in satoshi. */
    static final int LOADED = 1_000;
    /** What the store has gained in the end, and what is left for the card's heir and reserved on the card. */
    static final int SOLD = BLOCKS * 100 - 25;

    static final int RESERVED = 60;
    static final int LEFT = LOADED - SOLD - RESERVED;

    private final GatewayProcess gateway;
    private final CardTill till;
    private final String terminal;
    private final CardTill.Held card;
    private final Consumer<String> onFirst;
    private final Map<String, Tap> taps = new HashMap<>();
    private final Map<String, String> ids = new HashMap<>();

    /** @param onFirst hears of each request that is answered for the first time, by the event that it makes */
    TillScript(GatewayProcess gateway, CardTill till, String terminal, CardTill.Held card, Consumer<String> onFirst) {
        this.gateway = gateway;
        this.till = till;
        this.terminal = terminal;
        this.card = card;
        this.onFirst = onFirst;
    }

    /** Fails with {@code UncheckedIOException} where the gateway dies. */
    void run() {
        for (int i = 0; i < BLOCKS; i++) {
            sell("block " + i + " ");
        }
        tap("open", "/authorizations", amount(RESERVED), "card.authorized");
        String dropped = tap("dropped", "/authorizations", amount(70), "card.authorized");
        String returned = tap("returned", "/charges", amount(80), "card.charged");
        String heir = ask("replace", "/cards/" + card.id() + "/replace", new JsonObject(), "card.replaced");
        ask("void late", "/charges/" + dropped + "/void", new JsonObject(), "card.voided");
        ask("refund late", "/charges/" + returned + "/refund", new JsonObject(), "card.refunded");
        ask("cash late", "/cards/" + heir + "/top-ups", cash(), "card.toppedUp");
    }

    /** The store gains 100 sat, and never has less than at the beginning. */
    private void sell(String block) {
        String sold = tap(block + "charge", "/charges", amount(100), "card.charged");
        String held = tap(block + "authorize", "/authorizations", amount(50), "card.authorized");
        ask(block + "capture", "/charges/" + held + "/capture", amount(30), "card.captured");
        String dropped = tap(block + "drop", "/authorizations", amount(40), "card.authorized");
        ask(block + "void", "/charges/" + dropped + "/void", new JsonObject(), "card.voided");
        ask(block + "refund", "/charges/" + sold + "/refund", amount(20), "card.refunded");
        String invoice = ask(block + "invoice", "/invoices", amount(15), "InvoiceCreated");
        tap(block + "pay", "/charges", new JsonObject().put("invoiceId", invoice), "card.charged");
        ask(block + "cash", "/cards/" + card.id() + "/top-ups", cash(), "card.toppedUp");
    }

    private static JsonObject amount(int sat) {
        return new JsonObject().put("amount", Integer.toString(sat)).put("currency", "SATS");
    }

    /** Money that the till took: the store's. */
    private static JsonObject cash() {
        return new JsonObject().put("amount", "25").put("source", "Store");
    }

    /** One tap belongs to a step, however often that is asked. */
    private String tap(String step, String path, JsonObject body, String event) {
        Tap tap = taps.computeIfAbsent(step, first -> card.chip().tap());
        body.put("p", tap.p()).put("c", tap.c());
        return ask(step, "/terminals/" + terminal + path, body, event);
    }

    private String ask(String step, String path, JsonObject body, String event) {
        HttpResponse<String> answer =
                gateway.send(till.request(path, body).header("Idempotency-Key", card.id() + " " + step));
        assertThat(answer.statusCode()).as(step + " " + answer.body()).isEqualTo(200);
        JsonObject made = new JsonObject(answer.body());
        assertThat(made.getBoolean("approved", true)).as(step + " " + made).isTrue();
        String id = made.getString("id");
        String before = ids.putIfAbsent(step, id);
        if (before == null) {
            onFirst.accept(event);
        }
        assertThat(id).as(step).isEqualTo(before == null ? id : before);
        return id;
    }

    /** The card that has the money in the end. */
    CardTill.Held heir() {
        return new CardTill.Held(ids.get("replace"), card.chip());
    }
}
