package dev.sluice.card;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.card.ntag424.AesKey;
import dev.sluice.card.ntag424.CardKeys;
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
import io.vertx.sqlclient.Tuple;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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

    @RegisterExtension
    static final TestDatabase OWN = new TestDatabase();

    private final Seal seal = Seal.ofHex(HEX);

    private static CardImport imports(TestDatabase database) {
        EventLog events = new EventLog(database.db(), database.bus());
        return new CardImport(database.db(), events, Clock.system(), Entropy.secure());
    }

    @Test
    void cardsOfBtcpayPayWithTheirChips() throws IOException {
        CardImport imports = imports(DATABASE);
        Path file = Files.writeString(Files.createTempFile("sluice-master", ".key"), HEX);
        await(new IssuerRepository(DATABASE.db())
                .add(
                        seal,
                        BTCPAY.bytes(),
                        IssuerRepository.Use.READS,
                        Clock.system().now(),
                        Entropy.secure()));
        try (InProcessGateway gateway =
                InProcessGateway.start(DATABASE, Map.of("SLUICE_CARDS_MASTER_KEY_FILE", file.toString()))) {
            CardShop shop = new CardShop(gateway);
            String programme = shop.programme(new JsonObject());
            List<ImportedCard> cards = cards("04a39493cc8680," + PULL_PAYMENT + ",0,0,1000,Ann\n" + "04a39493cc8681,"
                    + PULL_PAYMENT + ",2,40,500,Bob\n");
            CardImport.Report dry = await(imports.run(programme, Optional.of(BTCPAY), cards, seal, false));
            assertThat(dry).isEqualTo(new CardImport.Report(2, 0, 0, "1500", List.of()));
            assertThat(await(DATABASE.db().read("select count(*) from card"))
                            .iterator()
                            .next()
                            .getLong(0))
                    .isZero();
            balancesThatTheCurrencyCannotHoldAreToldByCard(imports, programme);
            assertThat(await(imports.run(programme, Optional.of(BTCPAY), cards, seal, true))
                            .fresh())
                    .isEqualTo(2);
            assertThat(await(imports.run(programme, Optional.of(BTCPAY), cards, seal, true)))
                    .isEqualTo(new CardImport.Report(0, 2, 0, "0", List.of()));
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
        resealedKeysOpenWithTheNewKeyAlone(imports);
    }

    private void balancesThatTheCurrencyCannotHoldAreToldByCard(CardImport imports, String programme) {
        List<ImportedCard> cards = cards("04a39493cc8682," + PULL_PAYMENT + ",0,0,1,Cid\n" + "04a39493cc8683,"
                + PULL_PAYMENT + ",0,0,0.5,Dan\n");
        assertThat(await(imports.run(programme, Optional.of(BTCPAY), cards, seal, true))
                        .problems())
                .containsExactly(new CardImport.Problem(1, "balance has more than 0 decimals"));
    }

    private void resealedKeysOpenWithTheNewKeyAlone(CardImport imports) {
        Seal other = Seal.ofHex("00".repeat(31) + "08");
        assertThat(await(imports.reseal(seal, other))).isEqualTo(2);
        assertThat(await(IssuerKeys.open(DATABASE.db(), other, Clock.system(), Entropy.secure()))
                        .newest())
                .isEqualTo(2);
        assertThatThrownBy(() -> await(IssuerKeys.open(DATABASE.db(), seal, Clock.system(), Entropy.secure())))
                .isInstanceOf(IllegalStateException.class);
    }

    /** boltcard's share a K1, each of LNbits' has one and a link that names it; both have random keys. */
    @Test
    void cardsWithKeysOfTheirOwnPayWithTheirChips() throws IOException {
        Path file = Files.writeString(Files.createTempFile("sluice-master", ".key"), HEX);
        String shared = hex();
        String[] k = {hex(), shared, hex(), hex(), hex()};
        String[] l = {hex(), hex(), hex()};
        List<ImportedCard> cards = new ArrayList<>(read("uid,k0,k1,k2,k3,k4,counter,balance\n04b39493cc8680,"
                + String.join(",", k) + ",7,1000\n04b39493cc8681," + hex() + "," + shared + "," + hex() + ",,,0,5\n"));
        cards.addAll(read("uid,k0,k1,k2,counter,balance,external_id\n04b39493cc8690," + String.join(",", l)
                + ",0,500,kDqBSnVk\n"));
        CardImport into = imports(OWN);
        VirtualCard boltcard = chip(k[0], k[1], k[2], k[3], k[4], "04b39493cc8680");
        VirtualCard lnbits = chip(l[0], l[1], l[2], l[1], l[2], "04b39493cc8690");
        addShared(shared);
        try (InProcessGateway gateway =
                InProcessGateway.start(OWN, Map.of("SLUICE_CARDS_MASTER_KEY_FILE", file.toString()))) {
            CardShop shop = new CardShop(gateway);
            String programme = shop.programme(new JsonObject());
            assertThat(await(into.run(programme, Optional.empty(), cards, seal, false)))
                    .isEqualTo(new CardImport.Report(3, 0, 0, "1505", List.of()));
            assertThat(await(into.run(programme, Optional.empty(), cards, seal, true))
                            .fresh())
                    .isEqualTo(3);
            assertThat(await(into.run(programme, Optional.empty(), cards, seal, true)))
                    .isEqualTo(new CardImport.Report(0, 3, 0, "0", List.of()));
            noKeyStandsInTheDatabase(k[0], shared, l[1]);
            assertThat(charge(shop, boltcard.tap()).getBoolean("approved")).isTrue();
            assertThat(charge(shop, lnbits.tap()).getString("reason"))
                    .isEqualTo("tap-not-valid"); // nothing says which card it is
            Tap named = lnbits.tap();
            JsonObject paid = shop.charge(
                    new JsonObject()
                            .put("tap", "lnurlw://h/boltcards/api/v1/scan/kDqBSnVk?p=" + named.p() + "&c=" + named.c()),
                    "10");
            assertThat(paid.getBoolean("approved")).isTrue();
            assertThat(offer(gateway, "/ln", boltcard.tap())).isEqualTo("withdrawRequest");
            assertThat(offer(gateway, "/boltcards/api/v1/scan/kDqBSnVk", lnbits.tap()))
                    .isEqualTo("withdrawRequest");
            assertThat(offer(gateway, "/boltcards/api/v1/scan/kDqBSnVk", boltcard.tap()))
                    .isNull();
            wipedWithItsOwnKeysAndWrittenAnew(gateway, shop, boltcard, k);
            writtenAnewTheyAreNotGivenTheirBalancesAgain(into, programme, cards);
            assertThat(await(new LedgerVerifier(OWN.db()).verify()).drifts()).isEmpty();
        }
        Seal other = Seal.ofHex("00".repeat(31) + "09");
        assertThat(await(into.reseal(seal, other))).isEqualTo(3 + 1); // ours, shared, named; a card that is left
        assertThatThrownBy(() -> await(into.reseal(seal, other))).isInstanceOf(IllegalStateException.class);
    }

    /** The gateway reads issuers when it starts, so this one is there before. */
    private void addShared(String k1) {
        byte[] key = ByteBuffer.allocate(2 * AesKey.BYTES)
                .put(Entropy.secure().bytes(AesKey.BYTES))
                .put(AesKey.ofHex(k1).bytes())
                .array();
        IssuerRepository issuers = new IssuerRepository(OWN.db());
        await(issuers.add(seal, key, IssuerRepository.Use.READS, Clock.system().now(), Entropy.secure()));
    }

    private static void noKeyStandsInTheDatabase(String... keys) {
        List<String> rows = new ArrayList<>();
        await(OWN.db().read("select c::text from card c union all select i::text from card_issuer i"))
                .forEach(row -> rows.add(row.getString(0)));
        for (String key : keys) {
            assertThat(rows).isNotEmpty().noneMatch(row -> row.contains(key));
        }
    }

    /** A new writing leaves nothing on the card of what it was. */
    private void writtenAnewTheyAreNotGivenTheirBalancesAgain(
            CardImport into, String programme, List<ImportedCard> cards) {
        String write =
                "update card set external_name = null, tag = null, own_keys = null where external_name is not null";
        await(OWN.db().write(write, Tuple.tuple()));
        assertThat(await(into.run(programme, Optional.empty(), cards, seal, true)))
                .isEqualTo(new CardImport.Report(0, 3, 0, "0", List.of()));
    }

    private static String offer(InProcessGateway gateway, String path, Tap tap) {
        return gateway.ask("GET " + path + "?p=" + tap.p() + "&c=" + tap.c(), null, null)
                .bodyAsJsonObject()
                .getString("tag");
    }

    private static void wipedWithItsOwnKeysAndWrittenAnew(
            InProcessGateway gateway, CardShop shop, VirtualCard chip, String[] keys) {
        String card = await(OWN.db()
                        .read("select id from card where counter > 7 and own_keys is not null"
                                + " and external_name is null"))
                .iterator()
                .next()
                .getString(0);
        String url =
                shop.post("/cards/" + card + "/reset-links", new JsonObject()).getString("url");
        String path = url.substring(url.indexOf("/boltcards"));
        Tap tap = chip.tap();
        JsonObject wipe = gateway.ask(
                        "POST " + path,
                        null,
                        new JsonObject().put("LNURLW", "lnurlw://h/ln?p=" + tap.p() + "&c=" + tap.c()))
                .bodyAsJsonObject();
        assertThat(wipe.getString("k0")).isEqualToIgnoringCase(keys[0]);
        assertThat(wipe.getString("k4")).isEqualToIgnoringCase(keys[4]);
        shop.post("/cards/" + card + "/wiped", new JsonObject());
        CardShop.Held anew = shop.write(card, new Uid("04b39493cc8680"));
        assertThat(shop.charge(anew.tap(), "10").getBoolean("approved")).isTrue();
    }

    private static String hex() {
        return java.util.HexFormat.of().formatHex(Entropy.secure().bytes(AesKey.BYTES));
    }

    private static VirtualCard chip(String k0, String k1, String k2, String k3, String k4, String uid) {
        CardKeys keys =
                new CardKeys(AesKey.ofHex(k0), AesKey.ofHex(k1), AesKey.ofHex(k2), AesKey.ofHex(k3), AesKey.ofHex(k4));
        return new VirtualCard(keys, new Uid(uid), 8, Entropy.secure());
    }

    private static List<ImportedCard> read(String file) {
        return CardFile.parse(file).stream()
                .map(line -> line.card().orElseThrow())
                .toList();
    }

    private static List<ImportedCard> cards(String lines) {
        return CardFile.parse("uid,pullpayment,version,counter,balance,label\n" + lines).stream()
                .map(line -> line.card().orElseThrow())
                .toList();
    }

    private static JsonObject charge(CardShop shop, Tap tap) {
        return shop.charge(new JsonObject().put("tap", "lnurlw://h/boltcard?p=" + tap.p() + "&c=" + tap.c()), "10");
    }
}
