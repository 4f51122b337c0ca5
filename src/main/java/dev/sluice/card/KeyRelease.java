package dev.sluice.card;

import dev.sluice.card.ntag424.Tap;
import dev.sluice.card.ntag424.Uid;
import dev.sluice.db.Db;
import dev.sluice.eventlog.EventLog;
import dev.sluice.kernel.CardId;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.Secret;
import dev.sluice.kernel.Sha256;
import dev.sluice.kernel.StoreId;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who may have the keys of a card: whoever has a link that an operator made, which works once and not for long, or an
 * operator. To write a chip its UID is needed; to wipe one, or to write one that is in use, a fresh tap of that very
 * card.
 */
final class KeyRelease {
    private static final Logger log = LoggerFactory.getLogger(KeyRelease.class);

    private static final int TOKEN_BYTES = 24;
    /** Longest life of a link: a box of cards is written within a day. */
    static final Duration LIFE_MAX = Duration.ofHours(24);

    static final Duration LIFE = Duration.ofMinutes(10);

    private final Db db;
    private final CardRepository cards;
    private final ChipKeys chips;
    private final TapReader taps;
    private final EventLog eventLog;
    private final Clock clock;
    private final Entropy entropy;

    KeyRelease(Db db, ChipKeys chips, TapReader taps, EventLog eventLog, Clock clock, Entropy entropy) {
        this.db = db;
        this.cards = new CardRepository(db);
        this.chips = chips;
        this.taps = taps;
        this.eventLog = eventLog;
        this.clock = clock;
        this.entropy = entropy;
    }

    /** A link as it is shown once. */
    record Link(Card card, Secret token, LinkPurpose purpose, Instant expiresAt) {}

    /** Makes a link; the card must be in a state to be written or wiped. */
    Future<Link> link(SqlConnection tx, Card card, LinkPurpose purpose, Duration life, String by) {
        CardTrigger trigger = purpose == LinkPurpose.PROGRAM ? CardTrigger.PROGRAM : CardTrigger.RESET;
        CardService.moved(card, trigger); // throws where it cannot happen
        if (purpose == LinkPurpose.PROGRAM && ChipKeys.isInUse(card)) {
            throw new Failure.Rejected("card-in-use", "This card is in use; wipe it before it is written again")
                    .exception();
        }
        Secret token = token(entropy);
        Instant until = clock.now().plus(life).truncatedTo(ChronoUnit.SECONDS);
        return cards.addLink(tx, hash(token.value()), card.id(), purpose, by, until)
                .map(new Link(card, token, purpose, until));
    }

    /** Links for cards that were just made, to write their chips by. */
    Future<List<Link>> links(SqlConnection tx, List<Card> made, Duration life, String by) {
        Future<List<Link>> chain = Future.succeededFuture(new java.util.ArrayList<>());
        for (Card card : made) {
            chain = chain.compose(
                    list -> link(tx, card, LinkPurpose.PROGRAM, life, by).map(one -> {
                        list.add(one);
                        return list;
                    }));
        }
        return chain;
    }

    /** What a link is known by; only its hash is kept. */
    static Secret token(Entropy entropy) {
        return new Secret(Base64.getUrlEncoder().withoutPadding().encodeToString(entropy.bytes(TOKEN_BYTES)));
    }

    /** Keys for a link: from a chip's UID to write it, from a tap to wipe it. Fails with {@code NotFound}. */
    Future<ChipKeys.Keys> release(String token, KeyAsk ask) {
        Future<ChipKeys.Keys> released = switch (ask) {
            case KeyAsk.Write write ->
                db.tx(tx -> use(tx, token, LinkPurpose.PROGRAM)
                        .compose(link -> chips.program(tx, link, write.uid(), null)));
            case KeyAsk.Rewrite none -> Future.failedFuture(refused());
            case KeyAsk.Wipe wipe ->
                proved(wipe.tap())
                        .compose(shown -> db.tx(
                                tx -> use(tx, token, LinkPurpose.RESET).compose(link -> chips.reset(tx, link, shown))));
        };
        return released.onSuccess(done -> eventLog.hint());
    }

    /**
     * Keys for an operator's own call, by the id of a card or of the pull payment it came from. Fails with
     * {@code NotFound} for a tap that is not fresh or of another card.
     *
     * @param by the operator
     */
    Future<ChipKeys.Keys> release(StoreId store, String pullPayment, KeyAsk ask, String by) {
        Future<ChipKeys.Keys> released = switch (ask) {
            case KeyAsk.Write write -> db.tx(tx -> program(tx, store, pullPayment, write.uid(), null, by));
            case KeyAsk.Rewrite again ->
                proved(again.tap())
                        .compose(shown -> db.tx(
                                tx -> program(tx, store, pullPayment, Objects.requireNonNull(shown.uid()), shown, by)));
            case KeyAsk.Wipe wipe ->
                proved(wipe.tap())
                        .compose(shown -> db.tx(tx -> byPullPayment(
                                        tx,
                                        store,
                                        pullPayment,
                                        Optional.of(shown.card().id()))
                                .compose(card ->
                                        chips.reset(tx, new CardRepository.Link(card, LinkPurpose.RESET, by), shown))));
        };
        return released.onSuccess(done -> eventLog.hint());
    }

    private Future<ChipKeys.Keys> program(
            SqlConnection tx, StoreId store, String pullPayment, Uid uid, @Nullable Shown tap, String by) {
        return chips.ofChip(tx, uid)
                .compose(owner -> byPullPayment(tx, store, pullPayment, owner.map(Card::id)))
                .compose(card -> chips.program(tx, new CardRepository.Link(card, LinkPurpose.PROGRAM, by), uid, tap));
    }

    /** The one that has the chip where there are several. */
    private Future<CardId> byPullPayment(SqlConnection tx, StoreId store, String id, Optional<CardId> chip) {
        return cards.byPullPayment(tx, store, id)
                .map(found -> chip.filter(found::contains)
                        .or(() -> found.stream().findFirst())
                        .orElseThrow(KeyRelease::refused));
    }

    /** The card that signed a tap; fails with {@code NotFound} where none of ours did. */
    Future<Shown> proved(Tap tap) {
        return taps.proved(tap, why -> refused(why.name()))
                .compose(shown -> shown.hasOldKeys()
                        ? Future.failedFuture(refused(Decline.OLD_KEYS.name()))
                        : Future.succeededFuture(shown));
    }

    private Future<CardRepository.Link> use(SqlConnection tx, String token, LinkPurpose purpose) {
        return cards.useLink(tx, hash(token), clock.now())
                .map(found -> found.filter(link -> link.purpose() == purpose).orElseThrow(KeyRelease::refused));
    }

    static byte[] hash(String token) {
        return Sha256.of(token);
    }

    /** The same for a tap; the log says what it was. */
    static RuntimeException refused(String why) {
        log.info("card.tap.refused at=keys why={}", why);
        return refused();
    }

    /** One answer for whatever is wrong. */
    static RuntimeException refused() {
        return new Failure.NotFound("card-link-not-valid", "This link does not work, or the card's tap is not fresh")
                .exception();
    }
}
