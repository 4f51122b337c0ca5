package dev.sluice.card;

import dev.sluice.card.ntag424.Tap;
import dev.sluice.invoice.InvoiceService;
import dev.sluice.invoice.Tenders;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Currency;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.Ids;
import dev.sluice.kernel.InvoiceId;
import dev.sluice.kernel.Money;
import dev.sluice.kernel.Msat;
import dev.sluice.kernel.PaymentHash;
import dev.sluice.kernel.StoreId;
import dev.sluice.lightning.Bolt11;
import dev.sluice.lightning.NodeId;
import dev.sluice.lightning.Outgoing;
import io.vertx.core.Future;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A card at somebody else's terminal: LNURL-withdraw as Bolt Card clients use it (LUD-03). An invoice of ours is paid
 * inside the ledger; any other by the node, for which its amount and the most that routing may cost are reserved first.
 */
final class WithdrawService {
    /** The least that a wallet may ask for (LUD-03: never above the most). */
    static final Msat LEAST = Msat.ofSat(1);

    private final TapSessions sessions;
    private final TapReader taps;
    private final ChipKeys keys;
    private final ProgrammeService programmes;
    private final ChargeService charges;
    private final Quotes quotes;
    private final InvoiceService invoices;
    private final Payouts payouts;
    private final Clock clock;
    private final Ids ids;

    WithdrawService(
            TapSessions sessions,
            TapReader taps,
            ChipKeys keys,
            ProgrammeService programmes,
            ChargeService charges,
            Quotes quotes,
            InvoiceService invoices,
            Payouts payouts,
            Clock clock,
            Entropy entropy) {
        this.sessions = sessions;
        this.taps = taps;
        this.keys = keys;
        this.programmes = programmes;
        this.charges = charges;
        this.quotes = quotes;
        this.invoices = invoices;
        this.payouts = payouts;
        this.clock = clock;
        this.ids = new Ids(clock, entropy);
    }

    /**
     * What a card offers.
     *
     * @param k1 names the tap; single use, short life
     * @param max what its terms allow at most, not what is on it
     * @param pinFrom a PIN is asked from this amount on; null for never
     */
    record Offer(
            String k1,
            Programme programme,
            Msat max,
            @Nullable Msat pinFrom,
            Card card) {}

    /** A tap's first request; fails with {@link Declined}. */
    Future<Offer> offer(Tap tap) {
        return prove(tap)
                .compose(this::confirmed)
                .compose(shown -> sessions.open(shown)
                        .compose(k1 -> programmes
                                .recent(shown.card().programme())
                                .compose(programme -> offer(k1, programme, shown.card()))));
    }

    private Future<Shown> prove(Tap tap) {
        return taps.proved(tap, Declined::new);
    }

    /** The writer's own read confirms new keys, whatever becomes of the card after it. */
    private Future<Shown> confirmed(Shown tap) {
        return tap.confirms()
                ? keys.confirm(tap).map(card -> new Shown(card, tap.uid(), tap.keyVersion(), tap.counter()))
                : Future.succeededFuture(tap);
    }

    /** The offer of a session that has not paid yet; fails with {@link Declined}. */
    Future<Offer> again(String k1) {
        return sessions.find(k1, clock.now()).compose(tap -> {
            Card card = tap.card();
            return card.tapOpen() && card.counter() == tap.counter()
                    ? programmes.recent(card.programme()).compose(programme -> offer(k1, programme, card))
                    : Future.failedFuture(new Declined(Decline.REPLAYED));
        });
    }

    private Future<Offer> offer(String k1, Programme programme, Card card) {
        Limits limits = card.limits().and(programme.limits());
        Long from = card.pinHash() == null ? null : programme.pinFrom();
        if (limits.least() == null && from == null) {
            return Future.succeededFuture(new Offer(k1, programme, Allowance.UNLIMITED, null, card));
        }
        boolean outside = payouts.isAvailable() && programme.rules().admitsAnybody();
        return quotes.rateOf(programme.money()).map(rate -> {
            Allowance allowance = new Allowance(programme, rate);
            Msat pinFrom = from == null ? null : allowance.first(from);
            Msat most = allowance.most(limits, outside);
            if (most.compareTo(LEAST) < 0) {
                throw new Declined(Decline.TAP_LIMIT);
            }
            return new Offer(k1, programme, most, pinFrom, card);
        });
    }

    /** A tap's second request: pays an invoice. Fails with {@link Declined}, or with what is wrong with the invoice. */
    Future<Charge> pay(String k1, String bolt11, Optional<String> pin) {
        Bolt11 invoice = Bolt11.parse(bolt11);
        Msat amount = invoice.amount();
        if (amount == null || amount.value() == 0) {
            return refuse("invoice-without-amount", "The invoice must say its amount");
        }
        if (!invoice.currency().equals(payouts.network())) {
            return refuse("invoice-of-another-network", "The invoice is of another network");
        }
        if (clock.now().isAfter(invoice.expiresAt())) {
            return refuse("invoice-expired", "The invoice has expired");
        }
        if (invoice.lacksSecret()) {
            return refuse("invoice-without-secret", "The invoice has no payment secret");
        }
        if (invoice.needsUnknownFeature()) {
            return refuse("invoice-needs-more", "The invoice asks for a feature that is not known here");
        }
        return tapOf(k1)
                .compose(tap -> programmes
                        .recent(tap.card().programme())
                        .compose(programme -> invoices.byHash(invoice.hash())
                                .compose(own -> own.isPresent()
                                        ? inside(tap, programme, own.get(), amount, pin)
                                        : outside(tap, programme, bolt11, amount, pin))));
    }

    /** A tap pays what is left of an invoice of ours, or has paid it a moment ago; fails with {@link Declined}. */
    Future<Void> pay(Tap shown, InvoiceId id, Optional<String> pin) {
        return prove(shown)
                .compose(this::confirmed)
                .compose(tap -> programmes
                        .recent(tap.card().programme())
                        .compose(programme -> invoices.find(id).compose(invoice -> {
                            Optional<Tenders.Open> open = Tenders.of(invoice, clock.now());
                            return open.isPresent()
                                    ? inside(tap, programme, id, open.get().remaining(), pin)
                                            .<Void>mapEmpty()
                                    : paidBefore(tap, id).mapEmpty();
                        })));
    }

    /** What a tap paid whose answer was lost. */
    private Future<Charge> paidBefore(Shown tap, InvoiceId id) {
        return charges.standing(tap)
                .map(found -> found.filter(charge -> id.equals(charge.invoice()))
                        .orElseThrow(() -> new Declined(Decline.INVOICE_NOT_PAYABLE)));
    }

    /** What a tap ordered to be paid whose answer was lost; fails with {@code why} where it did not. */
    private Future<Charge> orderedBefore(Shown tap, PaymentHash hash, Throwable why) {
        return why instanceof Declined declined && declined.why() == Decline.REPLAYED
                ? charges.standing(tap)
                        .compose(found -> payouts.find(hash)
                                .compose(order -> found.filter(charge -> order.isPresent()
                                                && order.get().order().purpose().equals(charge.subject()))
                                        .map(Future::succeededFuture)
                                        .orElseGet(() -> Future.failedFuture(why))))
                : Future.failedFuture(why);
    }

    /** By its session, or the tap itself in BTCPay's form {@code p-c}. */
    private Future<Shown> tapOf(String k1) {
        int dash = k1.indexOf('-');
        return dash > 0 ? prove(Tap.of(k1.substring(0, dash), k1.substring(dash + 1))) : sessions.find(k1, clock.now());
    }

    private Future<Charge> inside(Shown tap, Programme programme, InvoiceId id, Msat amount, Optional<String> pin) {
        return invoices.find(id).compose(invoice -> {
            Optional<Tenders.Open> open =
                    Tenders.of(invoice, clock.now()).filter(it -> it.remaining().equals(amount));
            if (open.isEmpty()) {
                return paidBefore(tap, id);
            }
            return quotes.quote(open.get(), programme.money())
                    .compose(quote -> submitted(
                            ask(
                                    ids.next(),
                                    tap,
                                    invoice.store(),
                                    ChargeService.price(open.get()),
                                    quote,
                                    new ChargeAsk.Bill(id, amount),
                                    null),
                            programme,
                            pin));
        });
    }

    private Future<Charge> outside(Shown tap, Programme programme, String bolt11, Msat amount, Optional<String> pin) {
        if (!payouts.isAvailable()) {
            return refuse("payments-unavailable", "This card pays at terminals of its own operator only");
        }
        if (payouts.isFull()) {
            return refuse("payments-busy", "Too many payments are under way; try again later");
        }
        Msat fee = new Msat(Allowance.reserve(amount.value()));
        return quotes.quote(amount, fee, programme.money()).compose(quote -> {
            String id = ids.next();
            Outgoing.Order order = Outgoing.Order.of(NodeId.OPERATOR, bolt11, null, fee, Charge.subject(id))
                    .startingBy(clock.now().plus(ChargeRules.TAP_LIFETIME));
            Money price = new Money(Currency.SATS, amount.satCeil());
            ChargeAsk ask = ask(id, tap, programme.store(), price, quote, null, order);
            return submitted(ask, programme, pin)
                    .onSuccess(charge -> payouts.drive(order.hash()))
                    .recover(why -> orderedBefore(tap, order.hash(), why));
        });
    }

    private static ChargeAsk ask(
            String id,
            Shown tap,
            StoreId store,
            Money price,
            Quotes.Quote quote,
            ChargeAsk.@Nullable Bill bill,
            Outgoing.@Nullable Order order) {
        Terminal wallet = new Terminal(Charge.LNURL, store, "LNURL", null, true, 1, Instant.EPOCH);
        return new ChargeAsk(id, tap, wallet, price, quote, order == null, ChargeAsk.Pin.NOT_GIVEN, null, bill, order);
    }

    /** A tap that is dead already keeps nobody waiting; one that is not is judged under the lock. */
    private Future<Charge> submitted(ChargeAsk ask, Programme programme, Optional<String> pin) {
        Decline dead = ChargeRules.ofTap(ask.tap().card(), ask.tap(), clock.now());
        return dead != null
                ? Future.failedFuture(new Declined(dead))
                : charges.isWornOut(ask.tap())
                        .compose(wornOut -> wornOut
                                ? Future.failedFuture(new Declined(Decline.STALE))
                                : submittedFresh(ask, programme, pin));
    }

    private Future<Charge> submittedFresh(ChargeAsk ask, Programme programme, Optional<String> pin) {
        return charges.submit(ask, programme, pin).compose(answer -> {
            Charge charge = answer.charge();
            boolean paid = charge != null && charge.isApproved() && charge.id().equals(ask.id());
            return paid
                    ? Future.succeededFuture(charge)
                    : Future.failedFuture(new Declined(answer.decline() == null ? Decline.REPLAYED : answer.decline()));
        });
    }

    private static <T> Future<T> refuse(String code, String why) {
        return Future.failedFuture(new Failure.Rejected(code, why).exception());
    }
}
