package dev.sluice.card;

import dev.sluice.card.ntag424.CardKeys;
import dev.sluice.card.ntag424.IssuerKey;
import dev.sluice.card.ntag424.Uid;
import dev.sluice.db.Db;
import dev.sluice.eventlog.EventLog;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.StoreId;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlConnection;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys of chips as they are handed out, in the transaction that says so. Who may have them is decided before, by
 * {@link KeyRelease}, {@link CardFactories} or {@link VirtualChips}.
 */
final class ChipKeys {
    private static final Logger log = LoggerFactory.getLogger(ChipKeys.class);

    private final Db db;
    private final CardRepository cards;
    private final CardService service;
    private final IssuerKeys issuers;
    private final EventLog eventLog;
    private final Clock clock;

    ChipKeys(Db db, CardService service, IssuerKeys issuers, EventLog eventLog, Clock clock) {
        this.db = db;
        this.cards = new CardRepository(db);
        this.service = service;
        this.issuers = issuers;
        this.eventLog = eventLog;
        this.clock = clock;
    }

    /** What a chip is to be written with, or wiped with. */
    record Keys(CardKeys keys, int version, LinkPurpose purpose) {}

    /** The card that a chip belongs to now, locked; one that works before others. */
    Future<Optional<Card>> ofChip(SqlConnection tx, Uid uid) {
        return cards.ofChip(tx, tags(uid)).map(owners -> owners.stream().min(Comparator.comparing(ChipKeys::isFree)));
    }

    /**
     * Keys to write a chip with; {@code tap} is one of that chip, where it was shown.
     *
     * <p>A chip that was given keys before gets a version of its own: its count begins again at zero, and old taps must
     * not hold. A write that is repeated on the same chip gets the same keys, so that a half-written chip can be
     * finished; keys that a tap has shown are those of a chip that is, and are not given again. A card keeps its issuer
     * key for as long as it has its chip; the newest is for new ones.
     */
    Future<Keys> program(SqlConnection tx, CardRepository.Link link, Uid uid, @Nullable Shown tap) {
        return cards.lock(tx, List.of(link.card())).compose(found -> {
            Card card = found.getFirst();
            boolean fresh = tap != null && isFresh(card, tap);
            if (isInUse(card) && !fresh) {
                return Future.failedFuture(new Failure.Conflict(
                                "card-in-use",
                                "This card is in use: its keys are told for a fresh tap of it, or wipe it")
                        .exception());
            }
            return fresh
                    ? confirmed(tx, card, Objects.requireNonNull(tap)).compose(sure -> program(tx, sure, link, uid))
                    : program(tx, card, link, uid);
        });
    }

    private Future<Keys> program(SqlConnection tx, Card card, CardRepository.Link link, Uid uid) {
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
                return Future.failedFuture(
                        new Failure.Conflict("card-has-chip", "This card has another chip; replace the card instead")
                                .exception());
            }
            int issuer = own.map(Card.Chip::issuer).orElse(issuers.newest());
            boolean again = card.state() != CardState.RESET // its keys were on a chip, seen or not
                    && own.filter(chip -> chip.next() != null).isPresent();
            return version(tx, card, own, issuers.key(issuer).cardId(uid), again)
                    .compose(version -> write(
                            tx,
                            card,
                            link,
                            uid,
                            new Card.Chip(issuer, own.map(Card.Chip::version).orElse(0), version, null, null),
                            again));
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
    static boolean isInUse(Card card) {
        return switch (card.state()) {
            case ISSUED, ACTIVE, FROZEN -> true;
            case BLANK, PROGRAMMING, LOST, REPLACED, EXPIRED, RESETTING, RESET -> false;
        };
    }

    private boolean isFresh(Card card, Shown tap) {
        return tap.card().id().equals(card.id()) && ChargeRules.ofTap(card, tap, clock.now()) == null;
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
            return Future.failedFuture(KeyRelease.refused("OTHER_CARD"));
        }
        return cards.lock(tx, List.of(link.card())).compose(found -> {
            Card card = found.getFirst();
            Decline dead = ChargeRules.ofTap(card, tap, clock.now());
            if (dead != null) {
                return Future.failedFuture(KeyRelease.refused(dead.name()));
            }
            Card.Chip chip = Objects.requireNonNull(card.chip());
            CardKeys keys = issuers.keys(card.id(), chip, Objects.requireNonNull(tap.uid()), tap.keyVersion());
            return confirmed(tx, card, tap)
                    .compose(sure -> released(tx, CardService.moved(sure, CardTrigger.RESET), link, tap.keyVersion()))
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
        return db.tx(tx -> service.locked(tx, store, tap.card().id().value()).compose(card -> confirmed(tx, card, tap)))
                .onSuccess(done -> eventLog.hint());
    }

    /** The same for a card that is locked; one that is over stays so, and its chip's keys are known all the same. */
    private Future<Card> confirmed(SqlConnection tx, Card card, Shown tap) {
        Card.Chip chip = Objects.requireNonNull(card.chip());
        if (chip.next() == null || chip.next() != tap.keyVersion()) {
            return Future.succeededFuture(card);
        }
        Instant now = clock.now();
        Card after = CardChange.of(card)
                .state(CardMachine.next(card.state(), CardTrigger.CONFIRM).orElse(card.state()))
                .chip(new Card.Chip(chip.issuer(), tap.keyVersion(), null, chip.extra(), chip.own()))
                .tapped(tap.counter(), true, now)
                .done();
        return cards.restart(tx, card.id(), tap.counter(), now)
                .compose(done -> service.save(tx, after, CardEvents.PROGRAMMED, new JsonObject()));
    }
}
