package dev.sluice.it;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.card.ntag424.AesKey;
import dev.sluice.card.ntag424.CardKeys;
import dev.sluice.card.ntag424.Tap;
import dev.sluice.card.ntag424.Uid;
import dev.sluice.card.ntag424.VirtualCard;
import dev.sluice.db.TestDatabase;
import dev.sluice.kernel.Entropy;
import dev.sluice.ledger.LedgerVerifier;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Tuple;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The gateway is killed while cards pay: what was answered holds, what was not is answered by asking again. */
class CardCrashTest {
    private static final int ROUNDS = 4;
    private static final int TAPS = 60;

    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    private final HttpClient http = HttpClient.newHttpClient();
    private GatewayProcess gateway;
    private String store;
    private String key;

    /** One tap with what was asked for it: the same request can be sent again. */
    private record Asked(Tap tap, String requestKey) {}

    @Test
    void killedWhileCardsPay() throws IOException {
        gateway = new GatewayProcess(
                        DATABASE.config(),
                        GatewayProcess.folder(),
                        Map.of("SLUICE_CHAIN_MODE", "simulated", "SLUICE_LIGHTNING_MODE", "simulated"))
                .start();
        try {
            JsonObject demo = new JsonObject(Files.readString(gateway.data().resolve("demo.json")));
            store = demo.getString("store");
            key = demo.getString("key");
            String terminal =
                    post("/terminals", new JsonObject().put("name", "Till")).getString("id");
            VirtualCard chip = fundedCard();
            List<Asked> all = new ArrayList<>();
            for (int round = 0; round < ROUNDS; round++) {
                all.addAll(chargeAndKill(terminal, chip, round));
            }
            int approved = 0;
            for (Asked asked : all) {
                approved += charge(terminal, asked).join().body().contains("\"approved\":true") ? 1 : 0;
            }
            assertThat(number("select count(*) from card_charge where status = 'Captured'"))
                    .isEqualTo(approved);
            assertThat(number("select count(*) from transfer where kind = 'card.charge'"))
                    .isEqualTo(approved);
            assertThat(await(new LedgerVerifier(DATABASE.db()).verify()).drifts())
                    .isEmpty();
        } finally {
            gateway.close();
        }
    }

    /** Charges one after the other and kills the process among them; every answer that came must hold. */
    private List<Asked> chargeAndKill(String terminal, VirtualCard chip, int round) {
        List<Asked> asked = new ArrayList<>();
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        for (int i = 0; i < TAPS; i++) {
            Asked one = new Asked(chip.tap(), "r" + round + "-" + i);
            asked.add(one);
            answers.add(charge(terminal, one));
            if (i == TAPS / 2) {
                answers.getFirst().join();
                gateway.kill();
            }
        }
        long told = answers.stream()
                .filter(answer -> !answer.handle((ok, lost) -> lost != null).join())
                .filter(answer -> answer.join().body().contains("\"approved\":true"))
                .count();
        String made = "select count(*) from card_charge where status = 'Captured'";
        assertThat(number(made)).isGreaterThanOrEqualTo(told);
        await(DATABASE.db().write("update lease set expires_at = '-infinity'", Tuple.tuple()));
        gateway.start();
        return asked;
    }

    private CompletableFuture<HttpResponse<String>> charge(String terminal, Asked asked) {
        JsonObject body = new JsonObject()
                .put("amount", "1")
                .put("currency", "SATS")
                .put("p", asked.tap().p())
                .put("c", asked.tap().c());
        return http.sendAsync(
                request("/terminals/" + terminal + "/charges", body)
                        .header("Idempotency-Key", asked.requestKey())
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private VirtualCard fundedCard() {
        JsonObject terms = new JsonObject()
                .put("name", "Gift")
                .put("fundedBy", "Programme")
                .put("startBalance", "0");
        String programme = post("/card-programmes", terms).getString("id");
        post("/card-programmes/" + programme + "/funding", new JsonObject().put("amount", "100000"));
        String card = new io.vertx.core.json.JsonArray(send("/cards", new JsonObject().put("programmeId", programme)))
                .getJsonObject(0)
                .getString("id");
        post(
                "/cards/" + card + "/top-ups",
                new JsonObject().put("amount", "100000").put("source", "Programme"));
        String url =
                post("/cards/" + card + "/programming-links", new JsonObject()).getString("url");
        Uid uid = new Uid("04777777776980");
        HttpRequest.Builder release = HttpRequest.newBuilder(gateway.url(url.substring(url.indexOf("/boltcards"))))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(
                        new JsonObject().put("UID", uid.hex()).encode()));
        JsonObject keys = new JsonObject(gateway.send(release).body());
        List<AesKey> k = List.of("K0", "K1", "K2", "K3", "K4").stream()
                .map(name -> AesKey.ofHex(keys.getString(name)))
                .toList();
        return new VirtualCard(
                new CardKeys(k.get(0), k.get(1), k.get(2), k.get(3), k.get(4)), uid, 1, Entropy.secure());
    }

    private JsonObject post(String path, JsonObject body) {
        return new JsonObject(send(path, body));
    }

    private String send(String path, JsonObject body) {
        HttpResponse<String> answer = gateway.send(request(path, body));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.body();
    }

    private HttpRequest.Builder request(String path, JsonObject body) {
        return HttpRequest.newBuilder(gateway.url("/api/v1/stores/" + store + path))
                .header("Authorization", "token " + key)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body.encode()));
    }

    private static long number(String query) {
        return await(DATABASE.db().read(query)).iterator().next().getLong(0);
    }
}
