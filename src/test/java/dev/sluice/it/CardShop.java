package dev.sluice.it;

import static dev.sluice.it.InProcessGateway.ok;

import dev.sluice.card.ntag424.AesKey;
import dev.sluice.card.ntag424.CardKeys;
import dev.sluice.card.ntag424.Tap;
import dev.sluice.card.ntag424.Uid;
import dev.sluice.card.ntag424.VirtualCard;
import dev.sluice.kernel.Entropy;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpRequest;
import io.vertx.ext.web.client.HttpResponse;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicInteger;

/** A store that issues cards and takes them, over its API, with chips in software. */
public final class CardShop {
    private static final AtomicInteger CHIPS = new AtomicInteger();

    private final InProcessGateway gateway;
    private final String store;
    private final String terminal;

    public CardShop(InProcessGateway gateway) {
        this.gateway = gateway;
        this.store = gateway.store();
        this.terminal = post(
                        "/terminals", new JsonObject().put("name", "Till 1").put("category", "food"))
                .getString("id");
    }

    public String storeId() {
        return store;
    }

    String store() {
        return store;
    }

    String terminal() {
        return terminal;
    }

    /** A card of a programme with a chip that has its keys. */
    public record Held(String id, VirtualCard chip, Uid uid, CardKeys keys) {
        public JsonObject tap() {
            return tapped(chip.tap());
        }

        static JsonObject tapped(Tap tap) {
            return new JsonObject().put("tap", "lnurlw://localhost/boltcard?p=" + tap.p() + "&c=" + tap.c());
        }
    }

    /** A funded programme; {@code terms} beside name, currency and funding. */
    public String programme(JsonObject terms) {
        JsonObject body = new JsonObject()
                .put("name", "Gift card")
                .put("currency", "SATS")
                .put("fundedBy", "Programme")
                .mergeIn(terms);
        String id = post("/card-programmes", body).getString("id");
        post("/card-programmes/" + id + "/funding", new JsonObject().put("amount", "10000000"));
        return id;
    }

    /** A card with {@code amount} on it, its chip written and active. */
    public Held card(String programme, String amount) {
        Held held = written(programme);
        load(held, amount);
        return held;
    }

    /** A card whose chip was written; nobody has seen it yet. */
    public Held written(String programme) {
        String id = postAll("/cards", new JsonObject().put("programmeId", programme))
                .getJsonObject(0)
                .getString("id");
        return write(id, uid(CHIPS.incrementAndGet()));
    }

    /** Writes a chip for a card, as the app does. */
    public Held write(String card, Uid uid) {
        JsonObject keys = ok(program(card, uid)).bodyAsJsonObject();
        CardKeys written = keys(keys);
        return new Held(card, new VirtualCard(written, uid, 1, Entropy.secure()), uid, written);
    }

    HttpResponse<Buffer> program(String card, Uid uid) {
        String url =
                post("/cards/" + card + "/programming-links", new JsonObject()).getString("url");
        return release(url, new JsonObject().put("UID", uid.hex()));
    }

    HttpResponse<Buffer> release(String url, JsonObject body) {
        return gateway.ask("POST " + url.substring(url.indexOf("/boltcards")), null, body);
    }

    static CardKeys keys(JsonObject keys) {
        return new CardKeys(
                AesKey.ofHex(keys.getString("K0")),
                AesKey.ofHex(keys.getString("K1")),
                AesKey.ofHex(keys.getString("K2")),
                AesKey.ofHex(keys.getString("k3")),
                AesKey.ofHex(keys.getString("k4")));
    }

    static Uid uid(int number) {
        return new Uid("04" + HexFormat.of().toHexDigits(number) + "6980");
    }

    void load(Held card, String amount) {
        post(
                "/cards/" + card.id() + "/top-ups",
                new JsonObject().put("amount", amount).put("source", "Programme"));
    }

    /** Asks for money in the programme's currency; the whole answer. */
    public JsonObject charge(JsonObject tap, String amount) {
        return ok(chargeAs(tap, amount, null)).bodyAsJsonObject();
    }

    HttpResponse<Buffer> chargeAs(JsonObject tap, String amount, String key) {
        JsonObject body =
                new JsonObject().put("currency", "SATS").put("amount", amount).mergeIn(tap);
        return sent(request("POST", "/terminals/" + terminal + "/charges", key), body);
    }

    public JsonObject authorize(JsonObject tap, String amount) {
        JsonObject body =
                new JsonObject().put("currency", "SATS").put("amount", amount).mergeIn(tap);
        return post("/terminals/" + terminal + "/authorizations", body);
    }

    public String balance(Held card) {
        return get("/cards/" + card.id()).getString("balance");
    }

    String state(Held card) {
        return get("/cards/" + card.id()).getString("state");
    }

    public JsonObject post(String path, JsonObject body) {
        return gateway.post("/api/v1/stores/" + store + path, body);
    }

    JsonArray postAll(String path, JsonObject body) {
        return ok(gateway.ask("POST /api/v1/stores/" + store + path, gateway.admin(), body))
                .bodyAsJsonArray();
    }

    public HttpResponse<Buffer> ask(String method, String path, JsonObject body) {
        return gateway.ask(method + " /api/v1/stores/" + store + path, gateway.admin(), body);
    }

    public JsonObject get(String path) {
        return ok(gateway.ask("GET /api/v1/stores/" + store + path, gateway.admin(), null))
                .bodyAsJsonObject();
    }

    JsonArray getAll(String path) {
        return ok(gateway.ask("GET /api/v1/stores/" + store + path, gateway.admin(), null))
                .bodyAsJsonArray();
    }

    HttpRequest<Buffer> request(String method, String path, String key) {
        HttpRequest<Buffer> request = gateway.request(method + " /api/v1/stores/" + store + path)
                .putHeader("Authorization", "token " + gateway.admin());
        return key == null ? request : request.putHeader("Idempotency-Key", key);
    }

    static HttpResponse<Buffer> sent(HttpRequest<Buffer> request, JsonObject body) {
        return dev.sluice.db.TestDatabase.await(request.sendJsonObject(body));
    }
}
