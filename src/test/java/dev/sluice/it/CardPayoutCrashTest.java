package dev.sluice.it;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.card.ntag424.Tap;
import dev.sluice.card.ntag424.Uid;
import dev.sluice.db.TestDatabase;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.PaymentHash;
import dev.sluice.kernel.Preimage;
import dev.sluice.ledger.LedgerVerifier;
import dev.sluice.lightning.Bolt11;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The gateway is killed while a card pays an invoice of another node, at each step from the tap to the end: the card
 * loses what the other node got, and nothing else.
 */
@Tag("node")
final class CardPayoutCrashTest {
    private static final int ROUNDS = 5;
    /** From the request to the node's word on this machine. */
    private static final int PAYS_WITHIN_MS = 250;

    @Order(1)
    @RegisterExtension
    static final Regtest NODES = new Regtest();

    @Order(2)
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    @Order(3)
    @RegisterExtension
    static final RegtestGateway GATEWAY = new RegtestGateway(NODES, DATABASE);

    private static GatewayProcess gateway;
    private static CardTill till;
    private static CardTill.Held card;

    @BeforeAll
    static void open() {
        gateway = GATEWAY.process();
        till = new CardTill(gateway, DATABASE);
        card = till.card("100000", new Uid("04777777776981"));
        NODES.payInvoice(GATEWAY.shop().bolt11(GATEWAY.shop().invoice(200_000))); // what it can send it has received
    }

    @AfterEach
    void theBooksAddUp() {
        assertThat(await(new LedgerVerifier(DATABASE.db()).verify()).drifts()).isEmpty();
    }

    @AfterAll
    static void nothingIsHeld() {
        assertThat(till.number("select count(*) from card_charge where status = 'Authorized'"))
                .isZero();
    }

    @Test
    void endThatCameWhileItWasDownIsHeardWhenItIsBack() {
        long before = Long.parseLong(till.balance(card));
        Held settled = held(1_000);
        Held cancelled = held(2_000);
        Held later = held(4_000);
        for (Held one : List.of(settled, cancelled, later)) {
            pay(one.bolt11());
            Eventually.equal("it is on its way", "ACCEPTED", () -> stateAtCustomer(one.bolt11()));
        }
        gateway.kill();
        NODES.cli(Regtest.Node.CUSTOMER, "settleinvoice", settled.preimage().hex());
        NODES.cli(Regtest.Node.CUSTOMER, "cancelinvoice", cancelled.hash().hex());
        till.restart();
        Eventually.equal("it was paid", "Captured", () -> charge(settled.bolt11()));
        Eventually.equal("it was refused", "Voided", () -> charge(cancelled.bolt11()));
        assertThat(charge(later.bolt11())).isEqualTo("Authorized"); // unknown is a state
        NODES.cli(Regtest.Node.CUSTOMER, "settleinvoice", later.preimage().hex());
        Eventually.equal("it was paid", "Captured", () -> charge(later.bolt11()));
        assertThat(Long.parseLong(till.balance(card))).isEqualTo(before - 5_000);
    }

    @Test
    void killedAtAnyMomentOfAPayment() {
        long seed = Seeds.next("card payout crash");
        Random random = new Random(seed);
        long before = Long.parseLong(till.balance(card));
        List<String> asked = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            String bolt11 = invoice(100 + round);
            asked.add(bolt11);
            Tap tap = card.chip().tap();
            Thread payer = Thread.ofVirtual().start(() -> payUnlessItDies(tap, bolt11));
            sleep(random.nextInt(PAYS_WITHIN_MS));
            gateway.kill();
            join(payer);
            till.restart();
        }
        long paid = 0;
        for (String bolt11 : asked) {
            Eventually.that("it has an end", () -> !"Authorized".equals(charge(bolt11)));
            boolean settled = stateAtCustomer(bolt11).equals("SETTLED");
            assertThat(charge(bolt11)).isIn(settled ? List.of("Captured") : List.of("Voided", "none"));
            paid += settled
                    ? java.util.Objects.requireNonNull(Bolt11.parse(bolt11).amount())
                                    .value()
                            / 1_000
                    : 0;
        }
        assertThat(Long.parseLong(till.balance(card))).isEqualTo(before - paid);
    }

    /**
     * Killed in the commit of each step. Of what was not committed there is nothing; what was goes on, to one payment
     * of the node at most.
     */
    @ParameterizedTest
    @CsvSource({
        "card_session, false, false",
        "card_session, true, false",
        "card_charge, false, false",
        "card_charge, true, true",
        "outgoing_payment where new.state = 'in-flight', false, true",
        "outgoing_payment where new.state = 'in-flight', true, true",
        "outgoing_payment where new.state = 'succeeded', false, true",
        "outgoing_payment where new.state = 'succeeded', true, true"
    })
    void killedInTheCommitOfAStep(String step, boolean committed, boolean pays) {
        long before = Long.parseLong(till.balance(card));
        String bolt11 = invoice(300);
        Tap tap = card.chip().tap();
        try (CommitGate gate = CommitGate.before(DATABASE, List.of(step))) {
            Thread payer = Thread.ofVirtual().start(() -> payUnlessItDies(tap, bolt11));
            gate.awaitHeld(1);
            gateway.kill();
            join(payer);
            gate.end(committed);
        }
        // what a node may have been asked for is asked again a minute later
        await(DATABASE.db()
                .write("update outgoing_payment set sent_at = sent_at - interval '61 seconds'", Tuple.tuple()));
        till.restart();
        if (!pays) {
            assertThat(charge(bolt11)).isEqualTo("none");
            assertThat(till.balance(card)).isEqualTo(Long.toString(before));
            assertThat(stateAtCustomer(bolt11)).isEqualTo("OPEN");
            pay(bolt11); // with another tap
        }
        Eventually.equal("it has an end", "Captured", () -> charge(bolt11));
        assertThat(stateAtCustomer(bolt11)).isEqualTo("SETTLED");
        assertThat(Long.parseLong(till.balance(card))).isEqualTo(before - 300);
        assertThat(pay(card.chip().tap(), bolt11).getString("status")).isEqualTo("ERROR");
        assertThat(Long.parseLong(till.balance(card))).isEqualTo(before - 300);
    }

    /** An invoice of the customer that is paid when the test says so. */
    private record Held(String bolt11, Preimage preimage, PaymentHash hash) {}

    private static Held held(long sat) {
        Preimage preimage = Preimage.random(Entropy.secure());
        PaymentHash hash = preimage.hash();
        String made = NODES.cli(Regtest.Node.CUSTOMER, "addholdinvoice", hash.hex(), "--amt", Long.toString(sat));
        return new Held(new JsonObject(made).getString("payment_request"), preimage, hash);
    }

    private static String invoice(long sat) {
        String made = NODES.cli(Regtest.Node.CUSTOMER, "addinvoice", "--amt", Long.toString(sat));
        return new JsonObject(made).getString("payment_request");
    }

    private static String stateAtCustomer(String bolt11) {
        String hash = Bolt11.parse(bolt11).hash().hex();
        return new JsonObject(NODES.cli(Regtest.Node.CUSTOMER, "lookupinvoice", hash)).getString("state");
    }

    private static void pay(String bolt11) {
        JsonObject answer = pay(card.chip().tap(), bolt11);
        assertThat(answer).isEqualTo(new JsonObject().put("status", "OK"));
    }

    private static JsonObject pay(Tap tap, String bolt11) {
        JsonObject offer = get("/boltcard?p=" + tap.p() + "&c=" + tap.c());
        return get("/boltcard?k1=" + offer.getString("k1") + "&pr=" + bolt11);
    }

    private static void payUnlessItDies(Tap tap, String bolt11) {
        try {
            pay(tap, bolt11);
        } catch (UncheckedIOException killed) {
            // the test's purpose
        }
    }

    private static JsonObject get(String path) {
        return new JsonObject(
                gateway.send(HttpRequest.newBuilder(gateway.url(path))).body());
    }

    /** What became of the charge for an invoice; {@code none} where there is none. */
    private static String charge(String bolt11) {
        String query = "select c.status from card_charge c join outgoing_payment o on o.purpose = 'charge:' || c.id"
                + " where o.hash = $1";
        String hash = Bolt11.parse(bolt11).hash().hex();
        for (Row row : await(DATABASE.db().read(query, hash))) {
            return row.getString(0);
        }
        return "none";
    }

    private static void sleep(int ms) {
        try {
            Thread.sleep(ms);
        } catch (InterruptedException stopped) {
            throw new AssertionError(stopped);
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException stopped) {
            throw new AssertionError(stopped);
        }
    }
}
