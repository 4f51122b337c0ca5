package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.db.TestDatabase;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Who follows the cards of a store hears each thing once and in order, also across a lost connection. */
class CardFeedTest {
    @RegisterExtension
    static final OpenCardShop OPEN = new OpenCardShop();

    private static final TestDatabase DATABASE = OPEN.database();

    private static InProcessGateway gateway;
    private static CardShop shop;

    @BeforeAll
    static void open() {
        gateway = OPEN.gateway();
        shop = OPEN.shop();
    }

    /** A line of the stream at a time. */
    private static final class Listener implements AutoCloseable {
        private final BufferedReader lines;

        Listener(String lastId) throws IOException, InterruptedException {
            HttpRequest.Builder request = HttpRequest.newBuilder(
                            URI.create(gateway.url("/api/v1/stores/" + shop.store() + "/cards/events")))
                    .header("Authorization", "token " + gateway.admin())
                    .header("Accept", "text/event-stream");
            if (lastId != null) {
                request.header("Last-Event-ID", lastId);
            }
            HttpResponse<java.io.InputStream> answer =
                    HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
            assertThat(answer.statusCode()).isEqualTo(200);
            lines = new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8));
            assertThat(lines.readLine()).startsWith("retry: ");
        }

        /** The next event as its JSON. */
        JsonObject next() throws IOException {
            while (true) {
                String line = lines.readLine();
                if (line.startsWith("data: ")) {
                    return new JsonObject(line.substring("data: ".length()));
                }
            }
        }

        @Override
        public void close() throws IOException {
            lines.close();
        }
    }

    @Test
    void eventsAreHeardOnceInOrderAndAfterALostConnection() throws IOException, InterruptedException {
        String programme = shop.programme(new JsonObject());
        List<String> types = new ArrayList<>();
        String last;
        CardShop.Held card;
        try (Listener listener = new Listener(null)) {
            card = shop.card(programme, "100");
            for (int i = 0; i < 3; i++) {
                JsonObject event = listener.next();
                types.add(event.getString("type"));
                assertThat(event.getJsonObject("data").getString("cardId")).isEqualTo(card.id());
            }
            shop.charge(card.tap(), "10");
            types.add(listener.next().getString("type"));
            JsonObject event = listener.next();
            types.add(event.getString("type"));
            last = event.getString("id");
        }
        assertThat(types)
                .containsExactly(
                        "card.issued", "card.keysReleased", "card.toppedUp", "card.programmed", "card.activated");
        shop.charge(card.tap(), "1000");
        try (Listener listener = new Listener(last)) {
            assertThat(listener.next().getString("type")).isEqualTo("card.charged");
            JsonObject declined = listener.next();
            assertThat(declined.getString("type")).isEqualTo("card.declined");
            assertThat(declined.getJsonObject("data").getString("reason")).isEqualTo("insufficient-funds");
        }
        JsonObject asJson = shop.get("/cards/events?after=" + last);
        JsonArray events = asJson.getJsonArray("events");
        assertThat(events.stream().map(it -> ((JsonObject) it).getString("type")))
                .containsExactly("card.charged", "card.declined");
        JsonObject rest = shop.get("/cards/events?after=" + asJson.getString("next"));
        assertThat(rest.getJsonArray("events")).isEmpty();
    }

    @Test
    void othersHearNothing() {
        String path = "GET /api/v1/stores/" + shop.store() + "/cards/events";
        assertThat(gateway.ask(path, null, null).statusCode()).isEqualTo(401);
        assertThat(gateway.ask(path, gateway.tenant("eve"), null).statusCode()).isEqualTo(403);
        assertThat(gateway.ask(path + "?after=x", gateway.admin(), null).statusCode())
                .isEqualTo(422);
    }
}
