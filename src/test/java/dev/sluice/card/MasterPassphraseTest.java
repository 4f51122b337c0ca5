package dev.sluice.card;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.db.TestDatabase;
import dev.sluice.it.CardShop;
import dev.sluice.it.InProcessGateway;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Secret;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A passphrase in place of a key file: the same one opens the issuer keys at each start. */
class MasterPassphraseTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    private static final String PASSPHRASE = "correct horse battery staple";

    @Test
    void issuerKeysOpenWithThePassphraseAndNoOther() {
        try (InProcessGateway gateway =
                InProcessGateway.start(DATABASE, Map.of("SLUICE_CARDS_MASTER_PASSPHRASE", PASSPHRASE))) {
            CardShop shop = new CardShop(gateway);
            CardShop.Held card = shop.card(shop.programme(new JsonObject()), "100");
            assertThat(shop.charge(card.tap(), "1").getBoolean("approved")).isTrue();
        }
        assertThat(open(PASSPHRASE).newest()).isEqualTo(1);
        assertThatThrownBy(() -> open("correct horse battery stable")).isInstanceOf(IllegalStateException.class);
    }

    private static IssuerKeys open(String passphrase) {
        byte[] salt = await(DATABASE.db().read("select salt from card_master"))
                .iterator()
                .next()
                .getBuffer("salt")
                .getBytes();
        Seal seal = Seal.ofPassphrase(new Secret(passphrase), salt);
        return await(IssuerKeys.open(DATABASE.db(), seal, Clock.system(), Entropy.secure()));
    }
}
