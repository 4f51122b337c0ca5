package dev.sluice.it;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.card.ntag424.Uid;
import dev.sluice.card.ntag424.VirtualCard;
import dev.sluice.db.TestDatabase;
import dev.sluice.kernel.Entropy;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Tuple;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;

/** A till with cards at a gateway in a process of its own, which tests kill. */
final class CardTill {
    private final GatewayProcess gateway;
    private final TestDatabase database;
    private final String store;
    private final String key;

    /** Opens the store that the gateway's demonstration made. */
    CardTill(GatewayProcess gateway, TestDatabase database) {
        this.gateway = gateway;
        this.database = database;
        JsonObject demo = new JsonObject(read(gateway));
        this.store = demo.getString("store");
        this.key = demo.getString("key");
    }

    private static String read(GatewayProcess gateway) {
        try {
            return Files.readString(gateway.data().resolve("demo.json"));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private CardTill(CardTill beside, String store) {
        this.gateway = beside.gateway;
        this.database = beside.database;
        this.store = store;
        this.key = beside.key;
    }

    /** The till of another store, which was just opened. */
    CardTill another() {
        HttpResponse<String> made = gateway.send(HttpRequest.newBuilder(gateway.url("/api/v1/stores"))
                .header("Authorization", "token " + key)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(
                        new JsonObject().put("name", "Another").encode())));
        return new CardTill(this, new JsonObject(made.body()).getString("id"));
    }

    /** A card with its chip. */
    record Held(String id, VirtualCard chip) {}

    /** A card with {@code amount} satoshi on it and the chip that was written for it. */
    Held card(String amount, Uid uid) {
        return card(amount, uid, new JsonObject());
    }

    /** The same, with more terms. */
    Held card(String amount, Uid uid, JsonObject more) {
        JsonObject brand = new JsonObject().put("brandColor", "#0b6e8f").put("logoUrl", PagesTest.PICTURE);
        JsonObject terms = new JsonObject()
                .put("name", "Gift")
                .put("fundedBy", "Programme")
                .put("branding", brand)
                .mergeIn(more);
        String programme = post("/card-programmes", terms).getString("id");
        post("/card-programmes/" + programme + "/funding", new JsonObject().put("amount", amount));
        String card = new JsonArray(send("/cards", new JsonObject().put("programmeId", programme)))
                .getJsonObject(0)
                .getString("id");
        JsonObject load = new JsonObject().put("amount", amount).put("source", "Programme");
        post("/cards/" + card + "/top-ups", load);
        String url =
                post("/cards/" + card + "/programming-links", new JsonObject()).getString("url");
        HttpRequest.Builder release = HttpRequest.newBuilder(gateway.url(url.substring(url.indexOf("/boltcards"))))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(
                        new JsonObject().put("UID", uid.hex()).encode()));
        JsonObject keys = new JsonObject(gateway.send(release).body());
        return new Held(card, new VirtualCard(CardShop.keys(keys), uid, 1, Entropy.secure()));
    }

    String balance(Held card) {
        HttpRequest.Builder ask = HttpRequest.newBuilder(gateway.url("/api/v1/stores/" + store + "/cards/" + card.id()))
                .header("Authorization", "token " + key);
        return new JsonObject(gateway.send(ask).body()).getString("balance");
    }

    JsonObject post(String path, JsonObject body) {
        return new JsonObject(send(path, body));
    }

    void put(String path, JsonObject body) {
        HttpRequest.BodyPublisher sent = HttpRequest.BodyPublishers.ofString(body.encode());
        HttpResponse<String> answer = gateway.send(request(path, body).PUT(sent));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    private String send(String path, JsonObject body) {
        HttpResponse<String> answer = gateway.send(request(path, body));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.body();
    }

    HttpRequest.Builder request(String path, JsonObject body) {
        return HttpRequest.newBuilder(gateway.url("/api/v1/stores/" + store + path))
                .header("Authorization", "token " + key)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body.encode()));
    }

    /** Starts it again after a kill; what the dead process held is freed, which otherwise takes the term of a lease. */
    void restart() {
        await(database.db().write("update lease set expires_at = '-infinity'", Tuple.tuple()));
        gateway.start();
        gateway.awaitReady();
    }

    long number(String query) {
        return await(database.db().read(query)).iterator().next().getLong(0);
    }
}
