package dev.sluice.card;

import dev.sluice.card.ntag424.CardKeys;
import dev.sluice.card.ntag424.IssuerKey;
import dev.sluice.card.ntag424.Tap;
import dev.sluice.card.ntag424.Uid;
import dev.sluice.db.Db;
import dev.sluice.eventlog.EventLog;
import dev.sluice.kernel.CardId;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.Secret;
import dev.sluice.kernel.StoreId;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlConnection;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The only way by which a card's keys leave: over a link that an operator made, which works once and not for long. To
 * write a chip its UID is needed; to wipe one, a fresh tap of that very card.
 */
final class KeyRelease {
    private static final Logger log = LoggerFactory.getLogger(KeyRelease.class);

    private static final int TOKEN_BYTES = 24;
    /** Longest life of a link: a box of cards is written within a day. */
    static final Duration LIFE_MAX = Duration.ofHours(24);

    static final Duration LIFE = Duration.ofMinutes(10);

    private final Db db;
    private final CardRepository cards;
    private final CardService service;
    private final IssuerKeys issuers;
    private final TapReader taps;
    private final EventLog eventLog;
    private final Clock clock;
    private final Entropy entropy;

    KeyRelease(
            Db db,
            CardService service,
            IssuerKeys issuers,
            TapReader taps,
            EventLog eventLog,
            Clock clock,
            Entropy entropy) {
        this.db = db;
        this.cards = new CardRepository(db);
        this.service = service;
        this.issuers = issuers;
        this.taps = taps;
        this.eventLog = eventLog;
        this.clock = clock;
        this.entropy = entropy;
    }

    /** A link as it is shown once. */
    record Link(Card card, Secret token, LinkPurpose purpose, Instant expiresAt) {}

    /** What a chip is to be written with, or wiped with. */
    record Keys(CardKeys keys, int version, LinkPurpose purpose) {}

    /** Makes a link; the card must be in a state to be written or wiped. */
    Future<Link> link(SqlConnection tx, Card card, LinkPurpose purpose, Duration life, String by) {
        CardTrigger trigger = purpose == LinkPurpose.PROGRAM ? CardTrigger.PROGRAM : CardTrigger.RESET;
        CardService.moved(card, trigger); // throws where it cannot happen
        if (purpose == LinkPurpose.PROGRAM && isInUse(card)) {
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
    Future<Keys> release(String token, KeyAsk ask) {
        Future<Keys> released = switch (ask) {
            case KeyAsk.Write write ->
                db.tx(tx -> use(tx, token, LinkPurpose.PROGRAM).compose(link -> program(tx, link, write.uid(), null)));
            case KeyAsk.Rewrite none -> Future.failedFuture(refused());
            case KeyAsk.Wipe wipe ->
                proved(wipe.tap())
                        .compose(shown ->
                                db.tx(tx -> use(tx, token, LinkPurpose.RESET).compose(link -> reset(tx, link, shown))));
        };
        return released.onSuccess(done -> eventLog.hint());
    }

    /**
     * Keys for an operator's own call, by the id of a card or of the pull payment it came from. Fails with
     * {@code NotFound} for a tap that is not fresh or of another card.
     *
     * @param by the operator
     */
    Future<Keys> release(StoreId store, String pullPayment, KeyAsk ask, String by) {
        Future<Keys> released = switch (ask) {
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
                                        reset(tx, new CardRepository.Link(card, LinkPurpose.RESET, by), shown))));
        };
        return released.onSuccess(done -> eventLog.hint());
    }

    private Future<Keys> program(
            SqlConnection tx, StoreId store, String pullPayment, Uid uid, @Nullable Shown tap, String by) {
        return ofChip(tx, uid)
                .compose(owner -> byPullPayment(tx, store, pullPayment, owner.map(Card::id)))
                .compose(card -> program(tx, new CardRepository.Link(card, LinkPurpose.PROGRAM, by), uid, tap));
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
        return taps.read(tap)
                .compose(reading -> reading instanceof TapReader.Reading.Proved proved
                        ? Future.succeededFuture(proved.tap())
                        : Future.failedFuture(refused()));
    }

    /** The card that a chip belongs to now, locked; one that works before others. */
    Future<Optional<Card>> ofChip(SqlConnection tx, Uid uid) {
        return cards.ofChip(tx, tags(uid)).map(owners -> owners.stream().min(Comparator.comparing(KeyRelease::isFree)));
    }

    private Future<CardRepository.Link> use(SqlConnection tx, String token, LinkPurpose purpose) {
        return cards.useLink(tx, hash(token), clock.now())
                .map(found -> found.filter(link -> link.purpose() == purpose).orElseThrow(KeyRelease::refused));
    }

    /**
     * Keys to write a chip with; {@code tap} is one of that chip, where it was shown.
     *
     * <p>A chip that was given keys before gets a version of its own: its count begins again at zero, and old taps must
     * not hold. A write that is repeated on the same chip gets the same keys, so that a half-written chip can be
     * finished. A card keeps its issuer key for as long as it has its chip; the newest is for new ones.
     */
    Future<Keys> program(SqlConnection tx, CardRepository.Link link, Uid uid, @Nullable Shown tap) {
        return cards.lock(tx, List.of(link.card())).compose(found -> {
            Card card = found.getFirst();
            if (isInUse(card) && !isFresh(card, tap)) {
                return Future.failedFuture(new Failure.Conflict(
                                "card-in-use",
                                "This card is in use: its keys are told for a fresh tap of it, or wipe it")
                        .exception());
            }
            return cards.ofChip(tx, tags(uid)).compose(owners -> {
                if (owners.stream().anyMatch(owner -> !owner.id().equals(card.id()) && !isFree(owner))) {
                    return Future.failedFuture(new Failure.Conflict(
                                    "chip-in-use", "This chip belongs to another card; reset or replace that one first")
                            .exception());
                }
                Optional<Card.Chip> own = owners.stream()
                        .filter(owner -> owner.id().equals(card.id()))
                        .map(owner -> Objects.requireNonNull(owner.chip()))
                        .filter(chip -> issuers.writes(chip.issuer()))
                        .findFirst();
                if (own.isEmpty() && isWritten(card)) {
                    return Future.failedFuture(new Failure.Conflict(
                                    "card-has-chip", "This card has another chip; replace the card instead")
                            .exception());
                }
                int issuer = own.map(Card.Chip::issuer).orElse(issuers.newest());
                boolean again = own.filter(chip -> chip.next() != null).isPresent();
                return version(tx, card, own, issuers.key(issuer).cardId(uid), again)
                        .compose(version -> write(
                                tx,
                                card,
                                link,
                                uid,
                                new Card.Chip(
                                        issuer, own.map(Card.Chip::version).orElse(0), version, null, null),
                                again));
            });
        });
    }

    /** Above all that the chip had before, on whatever card, and above all that the card had, on whatever chip. */
    private Future<Integer> version(SqlConnection tx, Card card, Optional<Card.Chip> own, byte[] tag, boolean again) {
        Card.Chip before = card.chip();
        return again
                ? Future.succeededFuture(newest(own.orElseThrow()))
                : cards.nextVersion(tx, tag, before == null ? 0 : newest(before));
    }

    /** A card that is in its holder's hand: who knows its UID alone must not have its keys. */
    private static boolean isInUse(Card card) {
        return switch (card.state()) {
            case ISSUED, ACTIVE, FROZEN -> true;
            case BLANK, PROGRAMMING, LOST, REPLACED, EXPIRED, RESETTING, RESET -> false;
        };
    }

    private boolean isFresh(Card card, @Nullable Shown tap) {
        return tap != null && tap.card().id().equals(card.id()) && ChargeRules.ofTap(card, tap, clock.now()) == null;
    }

    private Future<Keys> write(
            SqlConnection tx, Card card, CardRepository.Link link, Uid uid, Card.Chip chip, boolean again) {
        IssuerKey key = issuers.key(chip.issuer());
        int version = orZero(chip.next());
        Card after = CardChange.of(CardService.moved(card, CardTrigger.PROGRAM))
                .sameVersion()
                .chip(chip)
                .done();
        return released(tx, after, link, version)
                .compose(done -> again || chip.version() > 0
                        ? Future.<Void>succeededFuture()
                        : cards.bind(tx, card.id(), key.cardId(uid), tags(uid)))
                .map(done -> new Keys(key.cardKeys(uid, version, Optional.empty()), version, link.purpose()));
    }

    /** How each issuer knows a chip. */
    private List<byte[]> tags(Uid uid) {
        return issuers.all().stream().map(issuer -> issuer.cardId(uid)).toList();
    }

    private static int newest(Card.Chip chip) {
        return Math.max(chip.version(), orZero(chip.next()));
    }

    private static int orZero(@Nullable Integer version) {
        return version == null ? 0 : version;
    }

    /** Whether a chip of it was seen. */
    private static boolean isWritten(Card card) {
        return switch (card.state()) {
            case BLANK, PROGRAMMING, RESET -> false;
            case ISSUED, ACTIVE, FROZEN, LOST, REPLACED, EXPIRED, RESETTING -> true;
        };
    }

    private static boolean isFree(Card card) {
        return switch (card.state()) {
            case LOST, REPLACED, EXPIRED, RESETTING, RESET, BLANK -> true;
            case PROGRAMMING, ISSUED, ACTIVE, FROZEN -> false;
        };
    }

    /** The tap must be of the link's card and newer than any that was used. */
    Future<Keys> reset(SqlConnection tx, CardRepository.Link link, Shown tap) {
        if (!tap.card().id().equals(link.card())) {
            return Future.failedFuture(refused());
        }
        return cards.lock(tx, List.of(link.card())).compose(found -> {
            Card card = found.getFirst();
            if (ChargeRules.ofTap(card, tap, clock.now()) != null) {
                return Future.failedFuture(refused());
            }
            Card.Chip chip = Objects.requireNonNull(card.chip());
            CardKeys keys = issuers.keys(card.id(), chip, Objects.requireNonNull(tap.uid()), tap.keyVersion());
            return released(tx, CardService.moved(card, CardTrigger.RESET), link, tap.keyVersion())
                    .map(done -> new Keys(keys, tap.keyVersion(), link.purpose()));
        });
    }

    private Future<Card> released(SqlConnection tx, Card after, CardRepository.Link link, int version) {
        log.info("card.keys.released card={} purpose={} by={}", after.id(), link.purpose(), link.madeBy());
        JsonObject facts = new JsonObject()
                .put("purpose", link.purpose().apiName())
                .put("keyVersion", version)
                .put("by", link.madeBy());
        return service.save(tx, after, CardEvents.KEYS_RELEASED, facts);
    }

    /** The chip of a tap showed keys that nobody had seen: they are its keys from now on. */
    Future<Card> confirm(Shown tap) {
        StoreId store = tap.card().store();
        return db.tx(tx -> service.locked(tx, store, tap.card().id().value()).compose(card -> {
                    Card.Chip chip = Objects.requireNonNull(card.chip());
                    boolean waits = chip.next() != null && chip.next() == tap.keyVersion();
                    if (!waits
                            || CardMachine.next(card.state(), CardTrigger.CONFIRM)
                                    .isEmpty()) {
                        return Future.succeededFuture(card);
                    }
                    Card after = CardChange.of(CardService.moved(card, CardTrigger.CONFIRM))
                            .sameVersion()
                            .chip(new Card.Chip(chip.issuer(), tap.keyVersion(), null, chip.extra(), chip.own()))
                            .done();
                    return cards.restart(tx, card.id(), tap.counter(), clock.now())
                            .compose(done -> service.save(tx, after, CardEvents.PROGRAMMED, new JsonObject()));
                }))
                .onSuccess(done -> eventLog.hint());
    }

    static byte[] hash(String token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every Java has SHA-256", impossible);
        }
    }

    /** One answer for whatever is wrong. */
    static RuntimeException refused() {
        return new Failure.NotFound("card-link-not-valid", "This link does not work, or the card's tap is not fresh")
                .exception();
    }
}
