package dev.sluice.lightning;

import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.db.TestDatabase.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.FailureException;
import dev.sluice.kernel.Msat;
import dev.sluice.kernel.Preimage;
import dev.sluice.lightning.lnd.LndChannels;
import dev.sluice.lightning.lnd.LndNode;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("node")
class LndNodeContractTest extends LightningNodeContract {
    private static final Vertx VERTX = Vertx.vertx();
    private static final LndChannels CHANNELS = new LndChannels();
    private static LndPair pair;
    private static LightningNode payee;
    private static LightningNode payer;

    @BeforeAll
    static void start() {
        pair = new LndPair();
        payee = open(pair.merchant().connection("admin"), "regtest");
        payer = open(pair.customer().connection("admin"), "regtest");
    }

    @AfterAll
    static void stop() {
        if (pair != null) {
            payee.close();
            payer.close();
            pair.close();
        }
        CHANNELS.close();
        await(VERTX.close());
    }

    private static LightningNode open(String connection, String network) {
        return await(LndNode.open(VERTX, CHANNELS, ConnectionString.parse(connection), network));
    }

    @Override
    LightningNode payee() {
        return payee;
    }

    @Override
    LightningNode payer() {
        return payer;
    }

    private static String code(Throwable failure) {
        return ((FailureException) failure).failure().code();
    }

    @Test
    void nodeOfAnotherNetworkIsRefused() {
        LightningNode wrong = open(pair.merchant().connection("admin"), "mainnet");
        assertThat(code(failure(wrong.info()))).isEqualTo("lightning-wrong-network");
        wrong.close();
    }

    @Test
    void replacedMacaroonIsReadAgainWithoutRestart() throws IOException {
        Path file = Files.createTempFile("sluice", ".macaroon");
        Files.write(file, new byte[] {2, 1, 3});
        String connection =
                pair.merchant().connection("admin").replaceFirst("macaroonfilepath=.*", "macaroonfilepath=" + file);
        LightningNode node = open(connection, "regtest");
        assertThat(failure(node.info()))
                .isInstanceOfSatisfying(
                        FailureException.class,
                        refused -> assertThat(refused.failure()).isInstanceOf(Failure.Unavailable.class));
        Files.copy(pair.merchant().macaroonFile("admin"), file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        assertThat(await(node.info()).network()).isEqualTo("regtest");
        node.close();
        Files.delete(file);
    }

    @Test
    void macaroonWithoutTheRightIsUnavailableNotRefused() {
        LightningNode reader = open(pair.merchant().connection("readonly"), "regtest");
        assertThat(code(failure(reader.addInvoice(
                        Preimage.random(Entropy.secure()), Msat.ofSat(1), "", null, Duration.ofHours(1), false))))
                .isEqualTo("lightning-credentials-refused");
        reader.close();
    }

    /** We judge by what we read and the node pays what it reads: no invoice may say two things. */
    @Test
    void invoicesSayToTheNodeWhatTheySayToUs() {
        long seed = Entropy.secure().bytes(1)[0];
        AlteredInvoices altered = new AlteredInvoices(seed);
        int alike = 0;
        for (String invoice : List.of(
                made("--amt=1", "--memo=A cup of tea, 茶"),
                made("--amt=4294967", "--description_hash=" + "39".repeat(32), "--expiry=31536000"),
                made("--expiry=1", "--private"))) {
            assertThat(isReadAlike(invoice, seed)).as(invoice).isTrue();
            for (int i = 0; i < 200; i++) {
                alike += isReadAlike(altered.of(invoice), seed) ? 1 : 0;
            }
        }
        assertThat(alike).as("read by both, seed %d", seed).isGreaterThan(100);
    }

    private static String made(String... options) {
        List<String> command = new ArrayList<>(List.of("addinvoice"));
        command.addAll(List.of(options));
        return new JsonObject(pair.customer().cli(command.toArray(String[]::new))).getString("payment_request");
    }

    /** False where one of them takes it for none. */
    private static boolean isReadAlike(String text, long seed) {
        Bolt11 ours;
        try {
            ours = Bolt11.parse(text);
        } catch (FailureException refused) {
            return false;
        }
        LightningNode.DecodedInvoice theirs = await(payer.decode(text).otherwiseEmpty());
        if (theirs == null) {
            return false;
        }
        String description = ours.description() == null ? "" : ours.description();
        assertThat(new LightningNode.DecodedInvoice(
                        ours.hash(), ours.payee(), ours.amount(), description, ours.expiresAt()))
                .as("seed %d: %s", seed, text)
                .isEqualTo(theirs);
        return true;
    }

    @Test
    void otherCertificateIsNotTrusted() {
        String foreign = pair.merchant().connection("admin").replace("merchant/tls.cert", "customer/tls.cert");
        LightningNode node = open(foreign, "regtest");
        assertThat(failure(node.info()))
                .isInstanceOfSatisfying(
                        FailureException.class,
                        refused -> assertThat(refused.failure()).isInstanceOf(Failure.Unavailable.class));
        node.close();
    }

    @Test
    void nodeThatDoesNotListenIsUnavailable() {
        LightningNode nobody = open(
                pair.merchant().connection("admin").replaceFirst("127\\.0\\.0\\.1:\\d+", "127.0.0.1:1"), "regtest");
        assertThat(failure(nobody.info()))
                .isInstanceOfSatisfying(
                        FailureException.class,
                        refused -> assertThat(refused.failure()).isInstanceOf(Failure.Unavailable.class));
        nobody.close();
    }

    @Test
    void streamEndsWhenTheNodeDiesAndWorksAgainAfterwards() {
        Seen<LightningNode.Settle> seen = new Seen<>();
        payer.subscribeSettles(1, seen::item, seen::end);
        await(payer.info());
        pair.customer().kill();
        assertThat(seen.anything()).isInstanceOf(FailureException.class);
        pair.customer().start();
        LndPair.until(() -> pair.customer().cli("getinfo"));
        LndPair.until(() -> {
            if (!pair.customer().cli("listchannels").replace(" ", "").contains("\"active\":true")) {
                throw new IllegalStateException("not active");
            }
        });
        String bolt11 = await(payee.addInvoice(
                        Preimage.random(Entropy.secure()), Msat.ofSat(1), "", null, Duration.ofHours(1), false))
                .bolt11();
        LndPair.until(() -> pair.customer().cli("payinvoice", "--force", bolt11));
    }
}
