package dev.sluice.card;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A wrong file is put right by the right one, and no balance is ever given twice. */
class ImportMistakesTest {
    private static final String HEX = "00".repeat(31) + "07";
    private static final Seal SEAL = Seal.ofHex(HEX);
    private static final AesKey BTCPAY = AesKey.ofHex("0".repeat(31) + "2");
    private static final AesKey WRONG = AesKey.ofHex("0".repeat(31) + "3");
    private static final String PULL_PAYMENT = "fUDXsnySxvb5LYZ1bSLiWzLjVuT";

    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    private static InProcessGateway gateway;
    private static CardShop shop;
    private static String programme;

    /** The gateway reads issuers when it starts, so BTCPay's is there before. */
    @BeforeAll
    static void open() throws IOException {
        Path file = Files.writeString(Files.createTempFile("sluice-master", ".key"), HEX);
        await(new IssuerRepository(DATABASE.db())
                .add(
                        SEAL,
                        BTCPAY.bytes(),
                        IssuerRepository.Use.READS,
                        Clock.system().now(),
                        Entropy.secure()));
        gateway = InProcessGateway.start(DATABASE, Map.of("SLUICE_CARDS_MASTER_KEY_FILE", file.toString()));
        shop = new CardShop(gateway);
        programme = shop.programme(new JsonObject());
    }

    @AfterAll
    static void close() {
        gateway.close();
    }

    @AfterEach
    void theBooksAddUp() {
        assertThat(await(new LedgerVerifier(DATABASE.db()).verify()).drifts()).isEmpty();
    }

    private static CardImport.Report run(AesKey issuer, String file, boolean apply) {
        EventLog events = new EventLog(DATABASE.db(), DATABASE.bus());
        List<ImportedCard> cards = CardFile.parse(file).stream()
                .map(line -> line.card().orElseThrow())
                .toList();
        return await(new CardImport(DATABASE.db(), events, Clock.system(), Entropy.secure())
                .run(programme, Optional.of(issuer), cards, SEAL, apply));
    }

    private static CardImport.Report report(int fresh, int known, int corrected, String total) {
        return new CardImport.Report(fresh, known, corrected, total, List.of());
    }

    private static long transfers() {
        return number("select count(*) from transfer where id like 'import:%'");
    }

    private static long number(String sql) {
        return await(DATABASE.db().read(sql)).iterator().next().getLong(0);
    }

    private static VirtualCard chip(String uid, int version, int counter) {
        Uid id = new Uid(uid);
        return new VirtualCard(
                new IssuerKey(BTCPAY).cardKeys(id, version, Optional.of(PULL_PAYMENT)), id, counter, Entropy.secure());
    }

    private static String link(Tap tap) {
        return "lnurlw://h/boltcard?p=" + tap.p() + "&c=" + tap.c();
    }

    private static JsonObject charge(Tap tap) {
        return shop.charge(new JsonObject().put("tap", link(tap)), "10");
    }

    @Test
    void keysOfCardsThatNobodyTappedAreCorrected() {
        String header = "uid,pullpayment,version,counter,balance\n";
        String wrong = header + "04c39493cc8601,,0,90,1000\n04c39493cc8602," + PULL_PAYMENT + ",1,0,500\n";
        String right =
                header + "04c39493cc8601," + PULL_PAYMENT + ",0,0,1000\n04c39493cc8602," + PULL_PAYMENT + ",2,40,500\n";
        VirtualCard ann = chip("04c39493cc8601", 0, 1);
        VirtualCard bob = chip("04c39493cc8602", 2, 40);
        assertThat(run(BTCPAY, wrong, true)).isEqualTo(report(2, 0, 0, "1500"));
        long posted = transfers();
        assertThat(charge(ann.tap()).getString("reason")).isEqualTo("tap-not-valid");

        assertThat(run(BTCPAY, right, false)).isEqualTo(report(0, 0, 2, "0"));
        assertThat(charge(ann.tap()).getString("reason")).isEqualTo("tap-not-valid"); // that only looked
        assertThat(run(BTCPAY, right, true)).isEqualTo(report(0, 0, 2, "0"));
        assertThat(run(BTCPAY, right, true)).isEqualTo(report(0, 2, 0, "0"));
        assertThat(charge(ann.tap()).getBoolean("approved")).isTrue();

        assertThat(run(BTCPAY, wrong, true)).isEqualTo(report(0, 1, 1, "0")); // Ann's keys were seen to be right
        assertThat(charge(ann.tap()).getBoolean("approved")).isTrue();
        assertThat(charge(bob.tap()).getString("reason")).isEqualTo("tap-not-valid");
        assertThat(run(BTCPAY, right, true)).isEqualTo(report(0, 1, 1, "0"));
        assertThat(charge(chip("04c39493cc8602", 2, 40).tap()).getString("reason"))
                .isEqualTo("tap-not-valid"); // was used before
        assertThat(charge(bob.tap()).getBoolean("approved")).isTrue();
        assertThat(transfers()).isEqualTo(posted);
    }

    @Test
    void ownKeysAndNamesAreCorrectedToo() {
        String[] k = new String[5];
        for (int i = 0; i < k.length; i++) {
            k[i] = HexFormat.of().formatHex(Entropy.secure().bytes(AesKey.BYTES));
        }
        String header = "uid,k0,k1,k2,counter,balance,external_id\n";
        String ann = "04c39493cc8611," + k[0] + "," + k[1] + ",";
        String bob = "04c39493cc8612," + k[0] + "," + k[4] + "," + k[3];
        run(BTCPAY, header + ann + k[3] + ",0,100,nameOfBob\n" + bob + ",0,100,nameOfAnn\n", true);
        String right = header + ann + k[2] + ",0,100,nameOfAnn\n" + bob + ",0,100,nameOfBob\n";
        assertThat(run(BTCPAY, right, true)).isEqualTo(report(0, 0, 2, "0")); // names change places
        AesKey k1 = AesKey.ofHex(k[1]);
        AesKey k2 = AesKey.ofHex(k[2]);
        Uid uid = new Uid("04c39493cc8611");
        Tap tap = new VirtualCard(
                        new dev.sluice.card.ntag424.CardKeys(AesKey.ofHex(k[0]), k1, k2, k1, k2),
                        uid,
                        1,
                        Entropy.secure())
                .tap();
        String named = "lnurlw://h/boltcards/api/v1/scan/nameOfAnn?p=" + tap.p() + "&c=" + tap.c();
        assertThat(shop.charge(new JsonObject().put("tap", named), "10").getBoolean("approved"))
                .isTrue();
    }

    @Test
    void chipThatIsHereByAnotherIssuersKeyIsRefused() {
        String file = "uid,pullpayment,version,counter,balance\n04c39493cc8621," + PULL_PAYMENT + ",0,0,1000\n";
        run(WRONG, file, true);
        long posted = transfers();
        long cards = number("select count(*) from card");
        CardImport.Report refused = run(BTCPAY, file + "04c39493cc8622," + PULL_PAYMENT + ",0,0,5\n", true);
        assertThat(refused.problems()).hasSize(1);
        assertThat(refused.problems().getFirst().at()).isZero();
        assertThat(refused.problems().getFirst().why()).contains("another issuer");
        assertThat(transfers()).isEqualTo(posted); // not the other line either
        assertThat(number("select count(*) from card")).isEqualTo(cards);
    }

    /** Each K1 is an issuer of its own where no name is told. */
    @Test
    void cardOfLnbitsWithoutItsNameIsNotTakenTwice() {
        String keys = HexFormat.of().formatHex(Entropy.secure().bytes(AesKey.BYTES));
        String line = "04c39493cc8631," + keys + "," + keys + "," + keys + ",0,100";
        run(BTCPAY, "uid,k0,k1,k2,counter,balance\n" + line + "\n", true);
        long posted = transfers();
        CardImport.Report refused =
                run(BTCPAY, "uid,k0,k1,k2,counter,balance,external_id\n" + line + ",nameOfCarl\n", true);
        assertThat(refused.problems()).hasSize(1);
        assertThat(transfers()).isEqualTo(posted);
    }

    @Test
    void tapProvesTheKeysBeforeAnythingIsWritten() {
        VirtualCard chip = chip("04c39493cc8641", 3, 7);
        Tap tap = chip.tap();
        String line = "uid,pullpayment,version,counter,balance,tap\n04c39493cc8641," + PULL_PAYMENT;
        long cards = number("select count(*) from card");
        for (CardImport.Report refused : List.of(
                run(WRONG, line + ",3,0,1000," + link(tap), true),
                run(BTCPAY, line + ",2,0,1000," + link(tap), true),
                run(BTCPAY, line.replace("8641", "8642") + ",3,0,1000," + link(tap), true))) {
            assertThat(refused.problems()).hasSize(1);
            assertThat(refused.problems().getFirst().why()).contains("tap");
        }
        assertThat(number("select count(*) from card")).isEqualTo(cards);
        assertThat(run(BTCPAY, line + ",3,0,1000," + link(tap), true)).isEqualTo(report(1, 0, 0, "1000"));
        assertThat(charge(tap).getString("reason")).isEqualTo("tap-not-valid"); // it stood in a file
        assertThat(charge(chip.tap()).getBoolean("approved")).isTrue();
    }
}
