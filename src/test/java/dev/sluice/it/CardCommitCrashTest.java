package dev.sluice.it;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.card.ntag424.Tap;
import dev.sluice.card.ntag424.Uid;
import dev.sluice.db.TestDatabase;
import dev.sluice.ledger.LedgerVerifier;
import io.vertx.core.json.JsonObject;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The gateway is killed in the commit of each thing that a till does with a card. What was committed counts although
 * nobody was told, what was not never happened, and whoever asks again gets what was asked for once.
 */
class CardCommitCrashTest {
    private static final AtomicInteger CHIPS = new AtomicInteger(10);
    private static final List<String> WRITES = List.of("card", "card_charge");

    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    private static GatewayProcess gateway;
    private static CardTill demo;

    private final List<Step> steps = new ArrayList<>();
    private final List<Thread> tills = new ArrayList<>();

    @BeforeAll
    static void start() {
        Map<String, String> settings = Map.of(
                "SLUICE_CHAIN_MODE", "simulated",
                "SLUICE_LIGHTNING_MODE", "simulated",
                "SLUICE_DATABASE_POOL_SIZE", "20"); // all of them are held at once
        gateway = new GatewayProcess(DATABASE.config(), GatewayProcess.folder(), settings).start();
        demo = new CardTill(gateway, DATABASE);
    }

    @AfterAll
    static void close() {
        gateway.close();
    }

    /** A store of its own for each step, so that none waits for another's account, and a card. */
    private record Till(CardTill at, String terminal, CardTill.Held card) {
        static Till open(CardTill at, JsonObject terms) {
            String terminal =
                    at.post("/terminals", new JsonObject().put("name", "Till")).getString("id");
            return new Till(at, terminal, at.card("1000", new Uid("047777777770" + CHIPS.incrementAndGet()), terms));
        }

        static Till open() {
            return open(demo.another(), new JsonObject());
        }

        JsonObject sat(int amount) {
            return new JsonObject().put("amount", Integer.toString(amount)).put("currency", "SATS");
        }

        JsonObject tapped(JsonObject body) {
            Tap tap = card.chip().tap();
            return body.put("p", tap.p()).put("c", tap.c());
        }

        String made(String path, int amount) {
            return at.post("/terminals/" + terminal + path, tapped(sat(amount))).getString("id");
        }

        Step step(String path, JsonObject body, int without, int with, int end) {
            return new Step(this, path, body, without, with, end);
        }

        Step sale(String path, JsonObject body) {
            return step("/terminals/" + terminal + path, tapped(body), 1_000, 900, 900);
        }
    }

    /**
     * Something that is asked with a key of its own.
     *
     * @param without what is on the card where it was not committed
     * @param with where it was
     * @param end once it was asked again
     */
    private record Step(Till till, String path, JsonObject body, int without, int with, int end) {
        HttpResponse<String> ask() {
            HttpRequest.Builder request = till.at().request(path, body);
            return gateway.send(request.header("Idempotency-Key", till.card().id()));
        }

        void has(int balance) {
            assertThat(till.at().balance(till.card())).as(path).isEqualTo(Integer.toString(balance));
        }
    }

    private void prepare(String sale) {
        Till sold = sale.equals("invoice") ? Till.open(demo, new JsonObject()) : Till.open();
        steps.add(
                switch (sale) {
                    case "charge" -> sold.sale("/charges", sold.sat(100));
                    case "authorize" -> sold.sale("/authorizations", sold.sat(100));
                    default -> {
                        String invoice = demo.post("/invoices", sold.sat(100)).getString("id");
                        yield sold.sale("/charges", new JsonObject().put("invoiceId", invoice));
                    }
                });
        Till taken = Till.open();
        String held = "/charges/" + taken.made("/authorizations", 50);
        steps.add(taken.step(held + "/capture", taken.sat(30), 950, 970, 970));
        Till dropped = Till.open();
        String open = "/charges/" + dropped.made("/authorizations", 40);
        steps.add(dropped.step(open + "/void", new JsonObject(), 960, 1_000, 1_000));
        Till returned = Till.open();
        String paid = "/charges/" + returned.made("/charges", 80);
        steps.add(returned.step(paid + "/refund", returned.sat(20), 920, 940, 940));
        Till loaded = Till.open();
        loaded.made("/charges", 80);
        JsonObject cash = new JsonObject().put("amount", "25").put("source", "Store");
        steps.add(loaded.step("/cards/" + loaded.card().id() + "/top-ups", cash, 920, 945, 945));
        Till lost = Till.open();
        steps.add(lost.step("/cards/" + lost.card().id() + "/replace", new JsonObject(), 1_000, 0, 0));
        Till secret = Till.open(demo.another(), new JsonObject().put("pinFrom", "1"));
        secret.at().put("/cards/" + secret.card().id() + "/pin", new JsonObject().put("pin", "4242"));
        Step typed = secret.sale("/charges", secret.sat(100).put("pin", "4242"));
        steps.add(secret.step(typed.path(), typed.body(), 1_000, 1_000, 900)); // a try is taken before all else
    }

    @ParameterizedTest
    @CsvSource({"charge, false", "charge, true", "authorize, true", "invoice, true"})
    void killedInTheCommitOfWhatATillAsks(String sale, boolean committed) {
        prepare(sale);
        Till wallet = Till.open();
        wallet.made("/charges", 1); // its keys were seen, which would be a commit of its own
        Tap shown = wallet.card().chip().tap();
        try (CommitGate gate = CommitGate.before(DATABASE, WRITES)) {
            steps.forEach(step -> begin(step::ask));
            begin(() -> offer(shown));
            gate.awaitHeld(steps.size() + 1L);
            gateway.kill();
            tills.forEach(CardCommitCrashTest::join);
            gate.end(committed);
        }
        demo.restart();
        steps.forEach(step -> step.has(committed ? step.with() : step.without()));
        assertThat(offer(shown).containsKey("k1")).isNotEqualTo(committed); // a tap has one session
        for (int again = 0; again < 2; again++) {
            steps.forEach(step -> {
                HttpResponse<String> answer = step.ask();
                assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
                step.has(step.end());
            });
        }
        assertThat(offer(wallet.card().chip().tap()).getString("k1")).isNotBlank();
        assertThat(await(new LedgerVerifier(DATABASE.db()).verify()).drifts()).isEmpty();
        assertThat(demo.number(CardCrashTest.UNMATCHED)).isZero();
    }

    private void begin(Runnable ask) {
        tills.add(Thread.ofVirtual().start(() -> {
            try {
                ask.run();
            } catch (UncheckedIOException killed) {
                // the test's purpose
            }
        }));
    }

    private static JsonObject offer(Tap tap) {
        String path = "/boltcard?p=" + tap.p() + "&c=" + tap.c();
        return new JsonObject(
                gateway.send(HttpRequest.newBuilder(gateway.url(path))).body());
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException stopped) {
            throw new AssertionError(stopped);
        }
    }
}
