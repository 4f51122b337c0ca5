package dev.sluice.card;

import dev.sluice.db.Batcher;
import dev.sluice.db.Db;
import dev.sluice.eventlog.EventLog;
import dev.sluice.invoice.InvoiceService;
import dev.sluice.invoice.Tenders;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Currency;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.FailureException;
import dev.sluice.kernel.Ids;
import dev.sluice.kernel.InvoiceId;
import dev.sluice.kernel.Money;
import dev.sluice.kernel.StoreId;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What terminals may do with cards. Charges of many terminals share a commit; an answer means that it is made. */
final class ChargeService {
    private static final Logger log = LoggerFactory.getLogger(ChargeService.class);

    /** Lanes, each with the charges of some merchants: two batches never wait for one merchant's account. */
    private static final int LANES = 2;
    /** Above 5,000 waiting the database is slower than the terminals for good. */
    private static final Batcher.Bounds BOUNDS = new Batcher.Bounds(1, 250, 5_000, 32);
    /** Payments that leave: each alone, because it may be refused for what it is, and no till waits behind them. */
    private static final Batcher.Bounds PAYOUTS = new Batcher.Bounds(1, 1, 100);

    /** A wallet asks without a key and each answer is kept: for a card that cannot pay it would never end. */
    private static final int DECLINES_MAX = 10;

    private final Db db;
    private final EventLog eventLog;
    private final ChargeBook book;
    private final ChargeRepository charges;
    private final ProgrammeService programmes;
    private final TapReader taps;
    private final Pins pins;
    private final Quotes quotes;
    private final InvoiceService invoices;
    private final Clock clock;
    private final Ids ids;
    private final List<Batcher<ChargeAsk, ChargeBook.Result>> lanes;
    private final Batcher<ChargeAsk, ChargeBook.Result> payouts;

    ChargeService(
            Vertx vertx,
            Db db,
            EventLog eventLog,
            ChargeBook book,
            ProgrammeService programmes,
            TapReader taps,
            Pins pins,
            Quotes quotes,
            InvoiceService invoices,
            Clock clock,
            Entropy entropy) {
        this.db = db;
        this.eventLog = eventLog;
        this.book = book;
        this.charges = new ChargeRepository(db);
        this.programmes = programmes;
        this.taps = taps;
        this.pins = pins;
        this.quotes = quotes;
        this.invoices = invoices;
        this.clock = clock;
        this.ids = new Ids(clock, entropy);
        this.lanes =
                IntStream.range(0, LANES).mapToObj(lane -> lane(vertx, BOUNDS)).toList();
        this.payouts = lane(vertx, PAYOUTS);
    }

    private Batcher<ChargeAsk, ChargeBook.Result> lane(Vertx vertx, Batcher.Bounds bounds) {
        return new Batcher<>(vertx, bounds, ask -> 1, ChargeAsk::keys, this::decide);
    }

    /**
     * What a terminal hears.
     *
     * @param charge null where the tap is of no card of ours: nothing was kept
     * @param triesLeft wrong PINs that are left, after a wrong one; null otherwise
     */
    record Answer(
            @Nullable Charge charge,
            @Nullable Decline decline,
            boolean replayed,
            @Nullable Integer triesLeft) {}

    /** Asks a card for money; a decline is an answer and not a failure. */
    Future<Answer> charge(TerminalCharge wanted) {
        return programmes
                .terminal(wanted.store(), wanted.terminal())
                .compose(terminal -> taps.read(wanted.tap()).compose(reading -> switch (reading) {
                    case TapReader.Reading.Refused refused -> {
                        log.info("card.tap.refused terminal={} why={}", terminal.id(), refused.why());
                        yield Future.succeededFuture(new Answer(null, refused.why(), false, null));
                    }
                    case TapReader.Reading.Proved proved -> ask(wanted, terminal, proved.tap());
                }));
    }

    private Future<Answer> ask(TerminalCharge wanted, Terminal terminal, Shown tap) {
        return programmes
                .recent(tap.card().programme())
                .compose(programme -> wanted.invoice()
                        .map(invoice -> bill(wanted, terminal, tap, programme, invoice))
                        .orElseGet(() -> quotes.quote(wanted.price().orElseThrow(), wanted.store(), programme.money())
                                .compose(quote -> submit(
                                        ask(
                                                wanted,
                                                terminal,
                                                tap,
                                                wanted.price().orElseThrow(),
                                                quote,
                                                null),
                                        programme,
                                        wanted.pin()))));
    }

    private Future<Answer> bill(
            TerminalCharge wanted, Terminal terminal, Shown tap, Programme programme, InvoiceId id) {
        return invoices.find(wanted.store(), id).compose(invoice -> {
            Optional<Tenders.Open> open = Tenders.of(invoice, clock.now());
            return open.isEmpty()
                    ? again(wanted, tap, id)
                    : quotes.quote(open.get(), programme.money())
                            .compose(quote -> submit(
                                    ask(
                                            wanted,
                                            terminal,
                                            tap,
                                            price(open.get()),
                                            quote,
                                            new ChargeAsk.Bill(id, open.get().remaining())),
                                    programme,
                                    wanted.pin()));
        });
    }

    /** An invoice that takes nothing any more may have been paid by this very request, whose answer was lost. */
    private Future<Answer> again(TerminalCharge wanted, Shown tap, InvoiceId id) {
        return db.tx(tx -> book.answered(tx, wanted.request(), tap, id, clock.now()))
                .map(found -> found.map(charge -> new Answer(charge, charge.reason(), true, null))
                        .orElseGet(() -> new Answer(null, Decline.INVOICE_NOT_PAYABLE, false, null)));
    }

    /** See {@link ChargeBook#standing}. */
    Future<Optional<Charge>> standing(Shown tap) {
        return db.tx(tx -> book.standing(tx, tap, clock.now()));
    }

    /** What is left of an invoice, as people read it. */
    static Money price(Tenders.Open open) {
        return open.price()
                .orElseGet(() -> new Money(Currency.SATS, open.remaining().satCeil()));
    }

    private ChargeAsk ask(
            TerminalCharge wanted,
            Terminal terminal,
            Shown tap,
            Money price,
            Quotes.Quote quote,
            ChargeAsk.@Nullable Bill bill) {
        return new ChargeAsk(
                ids.next(),
                tap,
                terminal,
                price,
                quote,
                wanted.capture(),
                ChargeAsk.Pin.NOT_GIVEN,
                wanted.request().orElse(null),
                bill,
                null);
    }

    /** Looks at the PIN where the amount asks for it, and decides. */
    Future<Answer> submit(ChargeAsk ask, Programme programme, Optional<String> pin) {
        boolean needsPin = ChargeRules.needsPin(programme, ask.judged(programme));
        return needsPin
                ? wasAnswered(ask)
                        .compose(before -> before
                                ? submit(ask, null)
                                : pins.verify(ask.tap(), pin)
                                        .compose(typed -> submit(ask.with(typed.pin()), typed.triesLeft())))
                : submit(ask, null);
    }

    /** Whether its request was answered before: then it is told again, and takes no try of the PIN. */
    private Future<Boolean> wasAnswered(ChargeAsk ask) {
        return ask.request() == null
                ? Future.succeededFuture(false)
                : charges.isMade(ask.request().key());
    }

    /** @param triesLeft after a PIN that was wrong */
    private Future<Answer> submit(ChargeAsk ask, @Nullable Integer triesLeft) {
        int lane = Math.floorMod(ask.terminal().store().hashCode(), LANES);
        return (ask.payout() == null ? lanes.get(lane) : payouts).submit(ask).compose(result -> {
            Charge charge = result.charge();
            if (charge == null) {
                return Future.failedFuture(java.util.Objects.requireNonNull(result.failure()));
            }
            if (charge.reason() != null && charge.reason().isOfTap()) {
                return Future.succeededFuture(new Answer(null, charge.reason(), false, null)); // nothing was kept
            }
            boolean wrong = charge.reason() == Decline.PIN_WRONG && !result.replayed();
            return Future.succeededFuture(
                    new Answer(charge, charge.reason(), result.replayed(), wrong ? triesLeft : null));
        });
    }

    /** A batch that cannot be written for one of its charges is written one by one. */
    private Future<List<ChargeBook.Result>> decide(List<ChargeAsk> asks) {
        return Care.hopefully(care -> commit(asks, care))
                .recover(failure -> asks.size() == 1 || failure instanceof FailureException
                        ? Future.failedFuture(failure)
                        : singly(asks));
    }

    private Future<List<ChargeBook.Result>> singly(List<ChargeAsk> asks) {
        List<ChargeBook.Result> results = new ArrayList<>(asks.size());
        Future<Void> chain = Future.succeededFuture();
        for (ChargeAsk ask : asks) {
            chain = chain.compose(done -> commit(List.of(ask), Care.FULL)
                    .otherwise(failure -> List.of(new ChargeBook.Result(null, false, failure)))
                    .map(one -> {
                        results.addAll(one);
                        return null;
                    }));
        }
        return chain.map(results);
    }

    private Future<List<ChargeBook.Result>> commit(List<ChargeAsk> asks, Care care) {
        Instant now = clock.now();
        return db.tx(tx -> book.decide(tx, asks, now, care)).onSuccess(done -> eventLog.hint());
    }

    Future<List<Charge>> list(StoreId store, String terminal, @Nullable Instant before, int limit) {
        return programmes.anyTerminal(store, terminal).compose(found -> charges.list(found.id(), before, limit));
    }

    /** Whether a tap was declined so often that nobody asks in earnest any more. */
    Future<Boolean> isWornOut(Shown tap) {
        return charges.declines(tap, clock.now().minus(ChargeRules.TAP_LIFETIME))
                .map(count -> count >= DECLINES_MAX);
    }

    /** A charge of a store, if there is one of that id. */
    Future<Optional<Charge>> find(StoreId store, String id) {
        Future<Optional<Charge>> found = Ids.isId(id) ? charges.find(id) : Future.succeededFuture(Optional.empty());
        return found.map(charge -> charge.filter(it -> it.store().equals(store)));
    }

    /** A price from a decimal; throws {@code Invalid} unless it is above zero and fits. */
    static Money price(BigDecimal amount, Currency currency) {
        boolean exact = amount.stripTrailingZeros().scale() <= currency.exponent();
        if (amount.signum() <= 0 || !exact) {
            throw Failure.invalid(
                            "Amount", "This must be above 0 and have at most " + currency.exponent() + " decimals")
                    .exception();
        }
        try {
            return Money.of(currency, amount);
        } catch (IllegalArgumentException outOfRange) {
            throw Failure.invalid("Amount", "The amount is too large").exception();
        }
    }
}
