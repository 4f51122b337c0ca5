package dev.sluice.card;

import dev.sluice.card.ntag424.Tap;
import dev.sluice.card.ntag424.Uid;
import dev.sluice.db.Db;
import dev.sluice.eventlog.Event;
import dev.sluice.eventlog.EventLog;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.Ids;
import dev.sluice.kernel.Secret;
import dev.sluice.kernel.StoreId;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlConnection;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Card factories: a standing link by which an app writes chip after chip, each a new card of one programme. Who has the
 * link makes money, so it is made by an operator, ends, makes a bounded number of cards, and can be closed.
 */
final class CardFactories {
    static final Duration LIFE_MAX = Duration.ofDays(365);
    static final Duration LIFE = Duration.ofDays(30);
    static final int CARDS_MAX = 10_000;

    private final Db db;
    private final FactoryRepository factories;
    private final ProgrammeService programmes;
    private final CardService service;
    private final KeyRelease keys;
    private final ChipKeys chips;
    private final EventLog eventLog;
    private final Clock clock;
    private final Entropy entropy;
    private final Ids ids;

    CardFactories(
            Db db,
            ProgrammeService programmes,
            CardService service,
            KeyRelease keys,
            ChipKeys chips,
            EventLog eventLog,
            Clock clock,
            Entropy entropy) {
        this.db = db;
        this.factories = new FactoryRepository(db);
        this.programmes = programmes;
        this.service = service;
        this.keys = keys;
        this.chips = chips;
        this.eventLog = eventLog;
        this.clock = clock;
        this.entropy = entropy;
        this.ids = new Ids(clock, entropy);
    }

    /** What an operator asks for. */
    record Terms(String name, boolean wipes, int cardsMax, Duration life) {}

    /** A factory as it is shown once. */
    record Made(CardFactory factory, Secret secret) {}

    /** Fails with {@code NotFound}, or {@code Conflict} where the programme has as many as fit. */
    Future<Made> create(SqlConnection tx, StoreId store, String programme, Terms terms, String by) {
        return programmes.get(store, programme).compose(found -> {
            Instant now = clock.now();
            CardFactory factory = new CardFactory(
                    ids.next(),
                    found.id(),
                    terms.name(),
                    terms.wipes(),
                    terms.cardsMax(),
                    0,
                    by,
                    now.plus(terms.life()).truncatedTo(ChronoUnit.SECONDS),
                    null,
                    now);
            Secret secret = KeyRelease.token(entropy);
            return factories
                    .add(tx, factory, KeyRelease.hash(secret.value()), ProgrammeService.KEPT_MAX)
                    .compose(added -> {
                        ProgrammeService.fits(added, "factories");
                        return announce(tx, "cardprogramme.factoryOpened", found, factory, by);
                    })
                    .map(new Made(factory, secret));
        });
    }

    Future<List<CardFactory>> list(StoreId store, String programme) {
        return programmes.get(store, programme).compose(found -> factories.list(found.id()));
    }

    /** From this commit on it gives no keys; to close it again changes nothing. Fails with {@code NotFound}. */
    Future<CardFactory> close(SqlConnection tx, StoreId store, String programme, String id, String by) {
        Instant now = clock.now();
        return programmes
                .get(store, programme)
                .compose(found -> factories
                        .close(tx, found.id(), id, now)
                        .map(closed -> closed.orElseThrow(
                                () -> new Failure.NotFound("card-factory-not-found", "The card factory was not found")
                                        .exception()))
                        .compose(closed -> now.equals(closed.closedAt())
                                ? announce(tx, "cardprogramme.factoryClosed", found, closed, by)
                                        .map(closed)
                                : Future.succeededFuture(closed)));
    }

    private Future<Void> announce(SqlConnection tx, String kind, Programme programme, CardFactory factory, String by) {
        JsonObject facts = new JsonObject()
                .put("programmeId", programme.id())
                .put("factoryId", factory.id())
                .put("name", factory.name())
                .put("by", by);
        Event event = new Event(clock.now(), kind, programme.store(), programme.subject(), programme.version(), facts);
        return eventLog.append(tx, List.of(event)).mapEmpty();
    }

    /** Keys for who has the secret; fails with {@code NotFound} for whatever is wrong with it or with a tap. */
    Future<ChipKeys.Keys> release(String secret, KeyAsk ask) {
        Future<ChipKeys.Keys> released = switch (ask) {
            case KeyAsk.Write write ->
                db.tx(tx -> open(tx, secret).compose(factory -> write(tx, factory, write.uid(), null)));
            case KeyAsk.Rewrite again ->
                tapped(
                        again.tap(),
                        (tx, tap) -> open(tx, secret)
                                .compose(factory -> write(tx, factory, Objects.requireNonNull(tap.uid()), tap)));
            case KeyAsk.Wipe wipe ->
                tapped(wipe.tap(), (tx, tap) -> open(tx, secret).compose(factory -> wipe(tx, factory, tap)));
        };
        return released.onSuccess(done -> eventLog.hint());
    }

    /** What is done in a transaction for a tap that holds. */
    private interface Tapped {
        Future<ChipKeys.Keys> run(SqlConnection tx, Shown tap);
    }

    private Future<ChipKeys.Keys> tapped(Tap tap, Tapped work) {
        return keys.proved(tap).compose(shown -> db.tx(tx -> work.run(tx, shown)));
    }

    private Future<CardFactory> open(SqlConnection tx, String secret) {
        return factories
                .lock(tx, KeyRelease.hash(secret))
                .map(found ->
                        found.filter(factory -> factory.isOpen(clock.now())).orElseThrow(KeyRelease::refused));
    }

    /** A write that is repeated on the same chip finishes the card that was begun; it makes no second one. */
    private Future<ChipKeys.Keys> write(SqlConnection tx, CardFactory factory, Uid uid, @Nullable Shown tap) {
        return chips.ofChip(tx, uid)
                .compose(owner -> begun(tx, factory, owner).compose(begun -> {
                    if (begun.isPresent()) {
                        return chips.program(tx, link(factory, begun.get(), LinkPurpose.PROGRAM), uid, tap);
                    }
                    if (factory.cardsMade() >= factory.cardsMax()) {
                        return Future.failedFuture(
                                new Failure.Rejected("card-factory-done", "This card factory has made all its cards")
                                        .exception());
                    }
                    return programmes
                            .recent(factory.programme())
                            .compose(terms -> service.issue(tx, terms.store(), terms.id(), List.of(""), null))
                            .map(List::getFirst)
                            .compose(card -> factories
                                    .made(tx, factory, card.id())
                                    .compose(noted ->
                                            chips.program(tx, link(factory, card, LinkPurpose.PROGRAM), uid, null)));
                }));
    }

    private Future<Optional<Card>> begun(SqlConnection tx, CardFactory factory, Optional<Card> owner) {
        return owner.filter(card -> card.state() == CardState.PROGRAMMING)
                .map(card -> factories
                        .isMade(tx, factory, card.id())
                        .map(own -> own ? Optional.of(card) : Optional.<Card>empty()))
                .orElse(Future.succeededFuture(Optional.empty()));
    }

    private Future<ChipKeys.Keys> wipe(SqlConnection tx, CardFactory factory, Shown tap) {
        return factory.wipes() && tap.card().programme().equals(factory.programme())
                ? chips.reset(tx, link(factory, tap.card(), LinkPurpose.RESET), tap)
                : Future.failedFuture(KeyRelease.refused());
    }

    private static CardRepository.Link link(CardFactory factory, Card card, LinkPurpose purpose) {
        return new CardRepository.Link(card.id(), purpose, "factory:" + factory.id());
    }
}
