package dev.sluice.it;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.card.ntag424.Tap;
import dev.sluice.card.ntag424.Uid;
import dev.sluice.card.ntag424.VirtualCard;
import dev.sluice.db.TestDatabase;
import dev.sluice.ledger.LedgerVerifier;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
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
    private CardTill till;

    /** One tap with what was asked for it: the same request can be sent again. */
    private record Asked(Tap tap, String requestKey) {}

    @Test
    void killedWhileCardsPay() {
        gateway = new GatewayProcess(
                        DATABASE.config(),
                        GatewayProcess.folder(),
                        Map.of("SLUICE_CHAIN_MODE", "simulated", "SLUICE_LIGHTNING_MODE", "simulated"))
                .start();
        try {
            till = new CardTill(gateway, DATABASE);
            String terminal = till.post("/terminals", new JsonObject().put("name", "Till"))
                    .getString("id");
            VirtualCard chip = till.card("100000", new Uid("04777777776980")).chip();
            List<Asked> all = new ArrayList<>();
            for (int round = 0; round < ROUNDS; round++) {
                all.addAll(chargeAndKill(terminal, chip, round));
            }
            int approved = 0;
            for (Asked asked : all) {
                approved += charge(terminal, asked).join().body().contains("\"approved\":true") ? 1 : 0;
            }
            assertThat(till.number("select count(*) from card_charge where status = 'Captured'"))
                    .isEqualTo(approved);
            assertThat(till.number("select count(*) from transfer where kind = 'card.charge'"))
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
        assertThat(till.number(made)).isGreaterThanOrEqualTo(told);
        till.restart();
        return asked;
    }

    private CompletableFuture<HttpResponse<String>> charge(String terminal, Asked asked) {
        JsonObject body = new JsonObject()
                .put("amount", "1")
                .put("currency", "SATS")
                .put("p", asked.tap().p())
                .put("c", asked.tap().c());
        return http.sendAsync(
                till.request("/terminals/" + terminal + "/charges", body)
                        .header("Idempotency-Key", asked.requestKey())
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
