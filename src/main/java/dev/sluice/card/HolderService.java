package dev.sluice.card;

import dev.sluice.card.ntag424.Tap;
import dev.sluice.db.Db;
import dev.sluice.eventlog.EventLog;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Failure;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The card in its holder's hand: whoever just tapped it sees what is on it and may stop it. Looking uses no payment up;
 * a tap opens the page for ten minutes, until a newer one is seen.
 */
public final class HolderService {
    private static final Logger log = LoggerFactory.getLogger(HolderService.class);

    private static final Duration LOOKED_AT_FOR = Duration.ofMinutes(10);
    private static final int MOVEMENTS = 50;
    /** Codes of cards that are not their holders' any more. */
    public static final String LOST = "card-lost";

    public static final String REPLACED = "card-replaced";

    private final Db db;
    private final TapReader taps;
    private final CardService cards;
    private final ProgrammeService programmes;
    private final CardAddresses addresses;
    private final EventLog eventLog;
    private final Clock clock;

    HolderService(
            Db db,
            TapReader taps,
            CardService cards,
            ProgrammeService programmes,
            CardAddresses addresses,
            EventLog eventLog,
            Clock clock) {
        this.db = db;
        this.taps = taps;
        this.cards = cards;
        this.programmes = programmes;
        this.addresses = addresses;
        this.eventLog = eventLog;
        this.clock = clock;
    }

    /**
     * What a tap shows; fails with {@code Rejected} where it is not fresh ({@code tap-not-valid}), and where the card
     * is not its holder's any more ({@code card-lost}, {@code card-replaced}): who found it learns nothing of them.
     */
    public Future<HolderView> look(String p, String c) {
        return proved(p, c)
                .compose(tap -> programmes
                        .recent(tap.card().programme())
                        .compose(terms ->
                                seen(tap, terms).map(HolderService::held).compose(card -> view(card, terms))));
    }

    /** Stops the card at once; only the issuer frees it again. */
    public Future<Void> freeze(String p, String c) {
        return proved(p, c)
                .compose(tap -> programmes
                        .recent(tap.card().programme())
                        .compose(terms -> seen(tap, terms))
                        .compose(card -> card.state() == CardState.FROZEN
                                ? Future.<Void>succeededFuture()
                                : db.tx(tx -> cards.trigger(
                                                tx,
                                                card.store(),
                                                card.id().value(),
                                                CardTrigger.FREEZE,
                                                CardEvents.FROZEN))
                                        .onSuccess(frozen -> eventLog.hint())
                                        .mapEmpty()));
    }

    /** Gives the card an address, which {@link #look} then shows; fails as that does, or where none can be had. */
    public Future<Void> openAddress(String p, String c) {
        return proved(p, c)
                .compose(tap -> programmes.recent(tap.card().programme()).compose(terms -> seen(tap, terms)))
                .map(HolderService::held)
                .compose(card -> db.tx(tx -> addresses.open(tx, card)))
                .mapEmpty();
    }

    private Future<Shown> proved(String p, String c) {
        return Future.succeededFuture()
                .map(go -> Tap.of(p, c))
                .recover(malformed -> Future.failedFuture(notFresh("malformed-tap")))
                .compose(tap -> taps.proved(tap, why -> notFresh(why.name())));
    }

    /** Notes a newer tap, which may still pay; takes the newest for ten minutes. */
    private Future<Card> seen(Shown tap, Programme terms) {
        Instant now = clock.now();
        return db.tx(tx -> TapRepository.lock(tx, List.of(tap), Care.FULL).compose(locked -> {
                    TapRepository.Held held =
                            Objects.requireNonNull(locked.get(tap.card().id()));
                    Card card = held.card();
                    Card.Chip chip = card.chip();
                    boolean again = chip != null
                            && card.tapOpen() // whose tap has paid, a merchant has it
                            && chip.version() == tap.keyVersion()
                            && tap.counter() == card.counter();
                    if (again
                            && card.tappedAt() != null
                            && now.isBefore(card.tappedAt().plus(LOOKED_AT_FOR))) {
                        return Future.succeededFuture(card);
                    }
                    Decline dead = ChargeRules.ofTap(card, tap, now);
                    if (dead != null) {
                        return Future.failedFuture(notFresh(dead.name()));
                    }
                    Card after = ChargeRules.shown(card, terms, tap, true, now);
                    return TapRepository.move(tx, List.of(new TapRepository.Move(held, after)))
                            .compose(moved -> eventLog.append(tx, CardEvents.ofTap(now, card, after)))
                            .map(after);
                }))
                .onSuccess(card -> eventLog.hint());
    }

    private Future<HolderView> view(Card card, Programme terms) {
        return cards.balance(card, terms)
                .compose(units -> cards.history(card, terms, MOVEMENTS)
                        .compose(entries -> addresses
                                .current(card)
                                .map(address -> HolderView.of(card, terms, units, entries, address, clock.now()))));
    }

    private static Card held(Card card) {
        return switch (card.state()) {
            case LOST -> throw new Failure.Rejected(LOST, "This card was reported lost").exception();
            case REPLACED ->
                throw new Failure.Rejected(REPLACED, "Another card has taken this one's place").exception();
            case BLANK, PROGRAMMING, ISSUED, ACTIVE, FROZEN, EXPIRED, RESETTING, RESET -> card;
        };
    }

    /** One answer to the outside; the log says what it was. */
    private static RuntimeException notFresh(String why) {
        log.info("card.tap.refused at=page why={}", why);
        return new Failure.Rejected("tap-not-valid", "This tap is not valid any more; tap the card again").exception();
    }
}
