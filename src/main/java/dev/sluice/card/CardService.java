package dev.sluice.card;

import dev.sluice.db.Db;
import dev.sluice.eventlog.EventLog;
import dev.sluice.kernel.CardId;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.Ids;
import dev.sluice.kernel.StoreId;
import dev.sluice.ledger.Account;
import dev.sluice.ledger.Entry;
import dev.sluice.ledger.Ledger;
import dev.sluice.ledger.Outcome;
import dev.sluice.ledger.Transfer;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlConnection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Cards: issue, life, money in. Mutations run in the caller's transaction, which says {@link #changed} after it. */
final class CardService {
    /** Made at once: a box of cards. */
    static final int BATCH_MAX = 1_000;

    private static final int HANDLE_LENGTH = 10;
    /** Without what looks alike. */
    private static final String HANDLE_LETTERS = "abcdefghjkmnpqrstuvwxyz023456789";

    private final Db db;
    private final CardRepository cards;
    private final ProgrammeService programmes;
    private final Ledger ledger;
    private final EventLog eventLog;
    private final Clock clock;
    private final Entropy entropy;
    private final Ids ids;

    CardService(Db db, ProgrammeService programmes, Ledger ledger, EventLog eventLog, Clock clock, Entropy entropy) {
        this.db = db;
        this.cards = new CardRepository(db);
        this.programmes = programmes;
        this.ledger = ledger;
        this.eventLog = eventLog;
        this.clock = clock;
        this.entropy = entropy;
        this.ids = new Ids(clock, entropy);
    }

    /** Makes cards of a programme, each with the programme's start balance. */
    Future<List<Card>> issue(
            SqlConnection tx, StoreId store, String programme, List<String> labels, @Nullable String holder) {
        return programmes.get(store, programme).compose(terms -> {
            if (terms.archived()) {
                return Future.failedFuture(
                        new Failure.Rejected("card-programme-archived", "The programme is archived").exception());
            }
            List<Card> made = labels.stream()
                    .map(label -> blank(terms, label.isEmpty() ? null : label, holder))
                    .toList();
            return add(tx, made).compose(added -> load(tx, terms, made)).map(made);
        });
    }

    /** Adds cards that {@link #blank} made, with nothing on them. */
    Future<Void> add(SqlConnection tx, List<Card> made) {
        Instant now = clock.now();
        return cards.add(tx, made, now)
                .compose(added -> eventLog.append(
                        tx,
                        made.stream()
                                .map(card -> CardEvents.of(now, CardEvents.ISSUED, card, new JsonObject()))
                                .toList()))
                .mapEmpty();
    }

    /** A card of a programme that is not added yet. */
    Card blank(Programme terms, @Nullable String label, @Nullable String holder) {
        Instant now = clock.now();
        Instant until = terms.validDays() == null ? null : now.plus(Duration.ofDays(terms.validDays()));
        return new Card(
                new CardId(ids.next()),
                terms.store(),
                terms.id(),
                null,
                CardState.BLANK,
                -1,
                false,
                null,
                holder,
                label,
                null,
                Card.PIN_TRIES,
                Limits.NONE,
                until,
                null,
                handle(entropy),
                1,
                now);
    }

    /** Ten letters of 32: nobody guesses whose it is, and people can type it. */
    static String handle(Entropy entropy) {
        byte[] random = entropy.bytes(HANDLE_LENGTH);
        StringBuilder out = new StringBuilder(HANDLE_LENGTH);
        for (byte one : random) {
            out.append(HANDLE_LETTERS.charAt(one & 31));
        }
        return out.toString();
    }

    private Future<Void> load(SqlConnection tx, Programme terms, List<Card> made) {
        if (terms.startUnits() == 0) {
            return Future.succeededFuture();
        }
        List<Transfer> transfers = made.stream()
                .map(card -> Transfer.single(
                        Card.subject(card.id()) + ":start",
                        terms.source(),
                        Account.card(card.id(), terms.money().asset()),
                        terms.startUnits(),
                        "card.start",
                        Card.subject(card.id())))
                .toList();
        return ledger.apply(tx, transfers).compose(CardService::allMade);
    }

    private static Future<Void> allMade(List<Outcome> outcomes) {
        return outcomes.stream().allMatch(o -> o == Outcome.CREATED)
                ? Future.succeededFuture()
                : Future.failedFuture(new Failure.Rejected(
                                "insufficient-funding", "The account that loads these cards has not enough")
                        .exception());
    }

    /** A card of a store; fails with {@code NotFound}. */
    Future<Card> get(StoreId store, String id) {
        Future<Optional<Card>> found =
                Ids.isId(id) ? cards.find(new CardId(id)) : Future.succeededFuture(Optional.empty());
        return found.map(card -> card.filter(it -> it.store().equals(store)).orElseThrow(CardService::unknown));
    }

    Future<List<Card>> list(
            StoreId store, @Nullable String programme, @Nullable CardState state, @Nullable CardId after, int limit) {
        return cards.list(store, programme, state, after, limit);
    }

    /** What a card has to spend, in the units of its programme. */
    Future<Long> balance(Card card, Programme programme) {
        return Ledger.balance(db, Account.card(card.id(), programme.money().asset()));
    }

    /** Its newest movements, newest first. */
    Future<List<Entry>> history(Card card, Programme programme, int limit) {
        return Ledger.entries(db, Account.card(card.id(), programme.money().asset()), limit);
    }

    /** Lets something happen to a card; fails with {@code Rejected} where it cannot happen now. */
    Future<Card> trigger(SqlConnection tx, StoreId store, String id, CardTrigger trigger, String event) {
        return change(tx, store, id, event, card -> Future.succeededFuture(moved(card, trigger)));
    }

    /** The card after a trigger, not saved. */
    static Card moved(Card card, CardTrigger trigger) {
        boolean anew = trigger == CardTrigger.PROGRAM || trigger == CardTrigger.REPLACE;
        if (anew && card.replacedBy() != null) {
            throw new Failure.Rejected("card-replaced", "Another card has this one's money; make a new one of the chip")
                    .exception(); // what is still paid to it goes to its heir, and to no other
        }
        CardState next = CardMachine.next(card.state(), trigger)
                .orElseThrow(() -> new Failure.Rejected(
                                "card-" + card.state().apiName().toLowerCase(java.util.Locale.ROOT),
                                "That cannot happen to a card in state "
                                        + card.state().apiName())
                        .exception());
        return CardChange.of(card).state(next).done();
    }

    /** Changes a locked card; {@code work} gives the card with its new version. */
    Future<Card> change(
            SqlConnection tx,
            StoreId store,
            String id,
            String event,
            java.util.function.Function<Card, Future<Card>> work) {
        return locked(tx, store, id).compose(work).compose(after -> save(tx, after, event, new JsonObject()));
    }

    /** A card of a store, locked; fails with {@code NotFound}. */
    Future<Card> locked(SqlConnection tx, StoreId store, String id) {
        Future<List<Card>> found =
                Ids.isId(id) ? cards.lock(tx, List.of(new CardId(id))) : Future.succeededFuture(List.of());
        return found.map(list -> list.stream()
                .filter(card -> card.store().equals(store))
                .findFirst()
                .orElseThrow(CardService::unknown));
    }

    Future<Card> save(SqlConnection tx, Card after, String event, JsonObject facts) {
        return cards.save(tx, after)
                .compose(saved -> eventLog.append(tx, List.of(CardEvents.of(clock.now(), event, after, facts))))
                .map(after);
    }

    /** Loads a card from what the operator owes the store (cash at its till) or from the programme's funds. */
    Future<Card> topUp(
            SqlConnection tx,
            StoreId store,
            String id,
            java.math.BigDecimal amount,
            Programme.Funding source,
            @Nullable String reference) {
        return locked(tx, store, id)
                .compose(card -> programmes.get(store, card.programme()).compose(terms -> {
                    if (!takesMoney(card, terms)) {
                        return Future.failedFuture(notLoadable());
                    }
                    long units = terms.money()
                            .units(ChargeService.price(amount, terms.money().currency()));
                    Transfer transfer = Transfer.single(
                            "topup:" + ids.next(),
                            terms.source(source),
                            Account.card(card.id(), terms.money().asset()),
                            units,
                            "card.topUp",
                            Card.subject(card.id()));
                    JsonObject facts = new JsonObject()
                            .put("amount", terms.money().text(units))
                            .put("currency", terms.money().currency().code())
                            .put("source", source.apiName())
                            .put("reference", reference);
                    return ledger.apply(tx, List.of(transfer))
                            .compose(CardService::allMade)
                            .compose(made -> save(tx, CardChange.of(card).done(), CardEvents.TOPPED_UP, facts));
                }));
    }

    /** Whether money may still be put on a card. */
    static boolean takesMoney(Card card) {
        return switch (card.state()) {
            case BLANK, PROGRAMMING, ISSUED, ACTIVE, FROZEN -> true;
            case LOST, REPLACED, EXPIRED, RESETTING, RESET -> false;
        };
    }

    /** The same where its terms count: of a programme that was archived no card pays, so none is loaded. */
    static boolean takesMoney(Card card, Programme terms) {
        return takesMoney(card) && !terms.archived();
    }

    static RuntimeException notLoadable() {
        return new Failure.Rejected("card-not-loadable", "This card takes no money any more").exception();
    }

    /** Says of cards that their time is over; they were refused from that moment on. How many. */
    Future<Integer> expire() {
        return db.tx(tx -> cards.lockExpired(tx, clock.now(), BATCH_MAX).compose(due -> {
                    Future<Integer> chain = Future.succeededFuture(due.size());
                    for (Card card : due) {
                        Card over = moved(card, CardTrigger.EXPIRE);
                        chain = chain.compose(count -> save(tx, over, CardEvents.EXPIRED, new JsonObject())
                                .map(count));
                    }
                    return chain;
                }))
                .onSuccess(count -> eventLog.hint());
    }

    /** A mutation was committed. */
    void changed() {
        eventLog.hint();
    }

    static RuntimeException unknown() {
        return new Failure.NotFound("card-not-found", "The card was not found").exception();
    }
}
