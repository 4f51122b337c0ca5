package dev.sluice.card;

import dev.sluice.kernel.CardId;
import dev.sluice.kernel.Currency;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Money;
import dev.sluice.kernel.Msat;
import dev.sluice.kernel.PaymentHash;
import dev.sluice.kernel.Preimage;
import dev.sluice.kernel.StoreId;
import dev.sluice.lightning.NodeId;
import dev.sluice.lightning.Outgoing;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One tap with all that the rules look at. What a test does not say is such that the tap pays. */
final class ChargeCase {
    /** A Wednesday. */
    static final Instant NOW = Instant.parse("2026-03-04T12:00:00Z");

    static final StoreId STORE = new StoreId("store");
    /** Of the newest tap that was shown before. */
    static final int COUNTER = 7;

    private CardId id = new CardId("card");
    private ChargeAsk.@Nullable Request request;
    private Card.@Nullable Chip chip = new Card.Chip(1, 1, null, null, null);
    private CardState state = CardState.ACTIVE;
    private boolean tapOpen;
    private @Nullable Instant tappedAt = NOW.minusSeconds(3_600);
    private Limits limits = Limits.NONE;
    private @Nullable Instant expiresAt;

    private CardCurrency money = new CardCurrency(Currency.SATS);
    private Limits terms = Limits.NONE;
    private @Nullable Long pinFrom;
    private Programme.Activation activation = Programme.Activation.AUTOMATIC;
    private ProgrammeRules rules = ProgrammeRules.NONE;
    private boolean archived;

    private Spent spent = Spent.NOTHING;
    private int keyVersion = 1;
    private int counter = COUNTER + 1;
    private long units = 1_000;
    private @Nullable String category = "food";
    private ChargeAsk.Pin pin = ChargeAsk.Pin.NOT_GIVEN;
    private boolean paidOut;

    ChargeCase card(String name) {
        id = new CardId(name);
        return this;
    }

    /** Asked with an Idempotency-Key. */
    ChargeCase key(String key) {
        request = new ChargeAsk.Request(key.getBytes(StandardCharsets.UTF_8), new byte[32]);
        return this;
    }

    ChargeCase chip(Card.@Nullable Chip next) {
        chip = next;
        return this;
    }

    /** A chip whose next keys were handed out. */
    ChargeCase pendingKeys() {
        return chip(new Card.Chip(1, 1, 2, null, null));
    }

    ChargeCase state(CardState next) {
        state = next;
        return this;
    }

    /** The newest tap may still pay. */
    ChargeCase shownAt(Instant at) {
        tapOpen = true;
        tappedAt = at;
        return this;
    }

    ChargeCase limits(@Nullable Long tap, @Nullable Long day, @Nullable Long week, @Nullable Long month) {
        limits = new Limits(tap, day, week, month);
        return this;
    }

    ChargeCase expiresAt(Instant at) {
        expiresAt = at;
        return this;
    }

    ChargeCase money(String code) {
        money = new CardCurrency(Currency.of(code));
        return this;
    }

    ChargeCase terms(@Nullable Long tap, @Nullable Long day, @Nullable Long week, @Nullable Long month) {
        terms = new Limits(tap, day, week, month);
        return this;
    }

    ChargeCase pinFrom(long from) {
        pinFrom = from;
        return this;
    }

    ChargeCase manual() {
        activation = Programme.Activation.MANUAL;
        return this;
    }

    ChargeCase rules(ProgrammeRules next) {
        rules = next;
        return this;
    }

    ChargeCase archived() {
        archived = true;
        return this;
    }

    ChargeCase spent(long day, long week, long month, long recent) {
        spent = new Spent(day, week, month, recent);
        return this;
    }

    ChargeCase tap(int version, int count) {
        keyVersion = version;
        counter = count;
        return this;
    }

    ChargeCase units(long more) {
        units = more;
        return this;
    }

    ChargeCase category(@Nullable String next) {
        category = next;
        return this;
    }

    ChargeCase pin(ChargeAsk.Pin typed) {
        pin = typed;
        return this;
    }

    ChargeCase paidOut() {
        paidOut = true;
        return this;
    }

    Optional<Decline> judged() {
        return ChargeRules.judge(card(), programme(), spent, ask(), units, NOW);
    }

    List<ChargeRules.Near> near() {
        return ChargeRules.nearLimits(card(), programme(), spent, units);
    }

    boolean needsPin() {
        return ChargeRules.needsPin(programme(), units);
    }

    Card shown(boolean open) {
        return ChargeRules.shown(card(), programme(), tap(), open, NOW);
    }

    Card card() {
        return new Card(
                id,
                STORE,
                "terms",
                chip,
                state,
                COUNTER,
                tapOpen,
                tappedAt,
                null,
                null,
                null,
                Card.PIN_TRIES,
                limits,
                expiresAt,
                null,
                "handle",
                1,
                NOW);
    }

    private Programme programme() {
        return new Programme(
                "terms",
                STORE,
                "Gift",
                money,
                terms,
                pinFrom,
                0,
                null,
                0,
                Programme.Funding.STORE,
                activation,
                false,
                rules,
                new JsonObject(),
                archived,
                1,
                NOW);
    }

    private Shown tap() {
        return new Shown(card(), null, keyVersion, counter);
    }

    ChargeAsk ask() {
        Terminal terminal = new Terminal("till", STORE, "Till", category, true, 1, NOW);
        Money price = new Money(Currency.SATS, 1);
        return new ChargeAsk(
                "charge",
                tap(),
                terminal,
                price,
                new Quotes.Quote(units, false),
                !paidOut,
                pin,
                request,
                null,
                paidOut ? order() : null);
    }

    private static Outgoing.Order order() {
        PaymentHash hash = Preimage.random(Entropy.secure()).hash();
        return new Outgoing.Order(hash, NodeId.OPERATOR, "lnbcrt1", null, Msat.ZERO, Charge.subject("charge"), null);
    }
}
