package dev.sluice.card;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.card.ntag424.Tap;
import dev.sluice.card.ntag424.Uid;
import dev.sluice.card.ntag424.VirtualCard;
import dev.sluice.db.TestDatabase;
import dev.sluice.eventlog.EventLog;
import dev.sluice.kernel.CardId;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.FailureException;
import dev.sluice.kernel.StoreId;
import dev.sluice.ledger.Ledger;
import dev.sluice.secret.KeyedHash;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A new issuer key is for new cards: the others keep theirs, and no chip becomes two cards. */
class IssuerRotationTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    private static final Seal SEAL = Seal.ofHex("00".repeat(31) + "07");
    private static final StoreId STORE = new StoreId("store");

    private static EventLog events;
    private static ProgrammeService programmes;
    private static CardService cards;
    private static String programme;

    @BeforeAll
    static void open() {
        events = new EventLog(DATABASE.db(), DATABASE.bus());
        Ledger ledger = new Ledger();
        programmes = new ProgrammeService(DATABASE.db(), ledger, events, Clock.system(), Entropy.secure());
        cards = new CardService(DATABASE.db(), programmes, ledger, events, Clock.system(), Entropy.secure());
        JsonObject terms = new JsonObject().put("name", "Gift").put("currency", "SATS");
        programme = await(DATABASE.db().tx(tx -> programmes.create(tx, STORE, ProgrammeRequests.create(terms, 0))))
                .id();
    }

    /** The gateway after a start: it reads the issuer keys that there are. */
    private record Started(IssuerKeys issuers, TapReader taps, ChipKeys keys) {
        static Started now() {
            IssuerKeys issuers = await(IssuerKeys.open(DATABASE.db(), SEAL, Clock.system(), Entropy.secure()));
            TapReader taps = new TapReader(DATABASE.vertx(), DATABASE.db(), issuers);
            return new Started(issuers, taps, new ChipKeys(DATABASE.db(), cards, issuers, events, Clock.system()));
        }

        ChipKeys.Keys write(CardId card, Uid uid) {
            return await(tryWrite(card, uid));
        }

        ChipKeys.Keys rewrite(CardId card, Uid uid, Tap shown) {
            Shown tap = proved(shown);
            CardRepository.Link link = new CardRepository.Link(card, LinkPurpose.PROGRAM, "test");
            return await(DATABASE.db().tx(tx -> keys.program(tx, link, uid, tap)));
        }

        Future<ChipKeys.Keys> tryWrite(CardId card, Uid uid) {
            CardRepository.Link link = new CardRepository.Link(card, LinkPurpose.PROGRAM, "test");
            return DATABASE.db().tx(tx -> keys.program(tx, link, uid, null));
        }

        private Shown proved(Tap tap) {
            return ((TapReader.Reading.Proved) await(taps.read(tap))).tap();
        }

        boolean knows(ChipKeys.Keys written, Uid uid, int counter) {
            return await(taps.read(tap(written, uid, counter))) instanceof TapReader.Reading.Proved;
        }

        /** The first tap shows the keys. */
        void confirm(ChipKeys.Keys written, Uid uid) {
            await(keys.confirm(proved(tap(written, uid, 1))));
        }
    }

    private static Tap tap(ChipKeys.Keys written, Uid uid, int counter) {
        return new VirtualCard(written.keys(), uid, counter, Entropy.secure()).tap();
    }

    private static CardId card() {
        return await(DATABASE.db().tx(tx -> cards.issue(tx, STORE, programme, List.of(""), null)))
                .getFirst()
                .id();
    }

    /** The master key was what PINs were mixed with: those that were set then are good, whatever seals the keys now. */
    @Test
    void whatFollowsFromTheRootSecretOutlivesTheMasterKey() {
        byte[] pepper = root(SEAL).derived("card pin");
        assertThat(pepper).isEqualTo(new KeyedHash(SEAL.bytes()).of("card pin"));
        Seal other = Seal.ofHex("00".repeat(31) + "08");
        CardImport keys = new CardImport(DATABASE.db(), events, Clock.system(), Entropy.secure());
        await(keys.reseal(SEAL, other));
        assertThat(root(other).derived("card pin")).isEqualTo(pepper);
        assertThat(TestDatabase.failure(RootSecret.open(DATABASE.db(), SEAL, Entropy.secure())))
                .hasMessageContaining("sealed with another key");
        await(keys.reseal(other, SEAL));
        assertThat(root(SEAL).derived("card pin")).isEqualTo(pepper);
    }

    private static RootSecret root(Seal seal) {
        return await(RootSecret.open(DATABASE.db(), seal, Entropy.secure()));
    }

    @Test
    void newKeyIsForNewCards() {
        Started before = Started.now();
        CardId old = card();
        Uid chip = new Uid("04cc0000000001");
        ChipKeys.Keys first = before.write(old, chip);
        before.confirm(first, chip);

        CardIssuers issuers = new CardIssuers(DATABASE.db(), Clock.system(), Entropy.secure());
        int added = await(issuers.add(SEAL));
        Started after = Started.now();
        assertThat(after.issuers().newest()).isEqualTo(added);
        assertThat(after.knows(first, chip, 2)).isTrue();

        ChipKeys.Keys again = after.rewrite(old, chip, tap(first, chip, 3)); // the same chip: its own issuer
        assertThat(again.version()).isEqualTo(2);
        assertThat(again.keys().k1()).isEqualTo(first.keys().k1());

        CardId young = card();
        Failure refused = ((FailureException) TestDatabase.failure(after.tryWrite(young, chip))).failure();
        assertThat(refused.code()).isEqualTo("chip-in-use"); // known by its old issuer
        Uid fresh = new Uid("04cc0000000002");
        ChipKeys.Keys second = after.write(young, fresh);
        assertThat(second.keys().k1()).isNotEqualTo(first.keys().k1());
        assertThat(after.knows(second, fresh, 1)).isTrue();
        assertThat(await(issuers.list())).extracting(CardIssuers.Issuer::cards).containsExactly(1L, 1L);

        await(DATABASE.db().tx(tx -> cards.trigger(tx, STORE, old.value(), CardTrigger.LOSE, CardEvents.LOST)));
        ChipKeys.Keys taken = after.write(card(), chip); // of a card that is over: a new card with the new key
        assertThat(taken.version()).isEqualTo(1);
        assertThat(after.knows(taken, chip, 1)).isTrue();
        assertThat(after.knows(first, chip, 9)).isFalse(); // what the chip said before is nobody's
    }
}
