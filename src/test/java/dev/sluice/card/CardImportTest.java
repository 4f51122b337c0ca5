package dev.sluice.card;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.bus.Bus;
import dev.sluice.card.ntag424.AesKey;
import dev.sluice.card.ntag424.IssuerKey;
import dev.sluice.card.ntag424.Tap;
import dev.sluice.card.ntag424.Uid;
import dev.sluice.card.ntag424.VirtualCard;
import dev.sluice.db.TestDatabase;
import dev.sluice.eventlog.EventLog;
import dev.sluice.it.CardShop;
import dev.sluice.it.InProcessGateway;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Entropy;
import dev.sluice.ledger.LedgerVerifier;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Cards of BTCPay Server pay here with the chips that they have. */
class CardImportTest {
    private static final String HEX = "00".repeat(31) + "07";
    private static final AesKey BTCPAY = AesKey.ofHex("0".repeat(31) + "1");
    private static final String PULL_PAYMENT = "fUDXsnySxvb5LYZ1bSLiWzLjVuT";
    /** Vector P2 of the deterministic scheme with a pull payment: counter 1, version 0. */
    private static final Tap VECTOR = Tap.of("791B03F3E564C9ED34F737191242876C", "2F1C789F6BF20FF9");

    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    private final Seal seal = Seal.ofHex(HEX);
    private final CardImport imports = new CardImport(
            DATABASE.db(), new EventLog(DATABASE.db(), new Bus(DATABASE.vertx())), Clock.system(), Entropy.secure());

    @Test
    void cardsOfBtcpayPayWithTheirChips() throws IOException {
        Path file = Files.writeString(Files.createTempFile("sluice-master", ".key"), HEX);
        await(new IssuerRepository(DATABASE.db())
                .add(seal, BTCPAY.bytes(), false, Clock.system().now(), Entropy.secure()));
        try (InProcessGateway gateway =
                InProcessGateway.start(DATABASE, Map.of("SLUICE_CARDS_MASTER_KEY_FILE", file.toString()))) {
            CardShop shop = new CardShop(gateway);
            String programme = shop.programme(new JsonObject());
            List<ImportedCard> cards = cards("04a39493cc8680," + PULL_PAYMENT + ",0,0,1000,Ann\n" + "04a39493cc8681,"
                    + PULL_PAYMENT + ",2,40,500,Bob\n");
            CardImport.Report dry = await(imports.run(programme, BTCPAY, cards, seal, false));
            assertThat(dry).isEqualTo(new CardImport.Report(2, 0, "1500"));
            assertThat(await(DATABASE.db().read("select count(*) from card"))
                            .iterator()
                            .next()
                            .getLong(0))
                    .isZero();
            assertThat(await(imports.run(programme, BTCPAY, cards, seal, true)).fresh())
                    .isEqualTo(2);
            assertThat(await(imports.run(programme, BTCPAY, cards, seal, true)))
                    .isEqualTo(new CardImport.Report(0, 2, "0"));
            assertThat(charge(shop, VECTOR).getBoolean("approved")).isTrue();
            VirtualCard bob = new VirtualCard(
                    new IssuerKey(BTCPAY).cardKeys(new Uid("04a39493cc8681"), 2, Optional.of(PULL_PAYMENT)),
                    new Uid("04a39493cc8681"),
                    40,
                    Entropy.secure());
            assertThat(charge(shop, bob.tap()).getString("reason")).isEqualTo("tap-not-valid"); // used before
            assertThat(charge(shop, bob.tap()).getBoolean("approved")).isTrue();
            assertThat(shop.card(programme, "5").keys().k1()).isNotEqualTo(new IssuerKey(BTCPAY).encryption());
            assertThat(await(new LedgerVerifier(DATABASE.db()).verify()).drifts())
                    .isEmpty();
        }
        resealedKeysOpenWithTheNewKeyAlone();
    }

    private void resealedKeysOpenWithTheNewKeyAlone() {
        Seal other = Seal.ofHex("00".repeat(31) + "08");
        assertThat(await(imports.reseal(seal, other))).isEqualTo(2);
        assertThat(await(IssuerKeys.open(DATABASE.db(), other, Clock.system(), Entropy.secure()))
                        .newest())
                .isEqualTo(2);
        assertThatThrownBy(() -> await(IssuerKeys.open(DATABASE.db(), seal, Clock.system(), Entropy.secure())))
                .isInstanceOf(IllegalStateException.class);
    }

    private static List<ImportedCard> cards(String lines) {
        return ImportedCard.parse("uid,pullpayment,version,counter,balance,label\n" + lines).stream()
                .map(line -> line.card().orElseThrow())
                .toList();
    }

    private static JsonObject charge(CardShop shop, Tap tap) {
        return shop.charge(new JsonObject().put("tap", "lnurlw://h/boltcard?p=" + tap.p() + "&c=" + tap.c()), "10");
    }
}
