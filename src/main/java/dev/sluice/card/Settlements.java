package dev.sluice.card;

import dev.sluice.db.Db;
import dev.sluice.eventlog.EventLog;
import dev.sluice.kernel.CardId;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.Ids;
import dev.sluice.kernel.Money;
import dev.sluice.kernel.StoreId;
import dev.sluice.ledger.Account;
import dev.sluice.ledger.Ledger;
import dev.sluice.ledger.Transfer;
import dev.sluice.lightning.Bolt11;
import dev.sluice.lightning.Outgoing;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What happens to a charge after its tap: capture, void, and the end of an authorisation nobody captured. */
final class Settlements {
    private static final Logger log = LoggerFactory.getLogger(Settlements.class);

    /** Authorisations that are read at once. */
    private static final int PAGE = 100;

    private final Db db;
    private final ChargeRepository charges;
    private final CardRepository cards;
    private final Ledger ledger;
    private final EventLog eventLog;
    private final Clock clock;

    Settlements(Db db, Ledger ledger, EventLog eventLog, Clock clock) {
        this.db = db;
        this.charges = new ChargeRepository(db);
        this.cards = new CardRepository(db);
        this.ledger = ledger;
        this.eventLog = eventLog;
        this.clock = clock;
    }

    /** Takes what was reserved, up to it; the rest is released. The price's part decides, at the rate of the tap. */
    Future<Charge> capture(SqlConnection tx, StoreId store, String id, Optional<Money> amount) {
        return locked(tx, store, id).compose(charge -> {
            require(charge, Charge.Status.AUTHORIZED);
            requireHeldHere(charge);
            long units = part(charge.units(), charge, amount);
            long spread = part(charge.spread(), charge, amount);
            CardCurrency money = counting(charge);
            Charge after = changed(charge, Charge.Status.CAPTURED, spread, units, 0, money.counted(units));
            List<Transfer> transfers = new ArrayList<>();
            transfers.add(Transfer.post(
                    charge.transferId() + ":capture", charge.transferId(), units, ChargeItem.KIND, charge.subject()));
            return ending(
                            tx,
                            charge,
                            () -> ledger.post(tx, transfers)
                                    .compose(posted -> spread == 0
                                            ? Future.succeededFuture()
                                            : ledger.post(tx, List.of(spread(charge, spread)))))
                    .compose(done -> save(tx, after, CardEvents.CAPTURED));
        });
    }

    /** The node said how a payment of a card ended: what it cost is taken and the rest released, or all of it. */
    Future<Void> ended(SqlConnection tx, Outgoing payment) {
        String id = Charge.idOf(payment.order().purpose());
        return charges.lock(tx, id).compose(found -> {
            Charge charge = found.orElseThrow(() -> new IllegalStateException("no charge " + id));
            return switch (payment.result()) {
                case Outgoing.Result.Paid paid -> paid(tx, charge, payment.order(), paid);
                case Outgoing.Result.NotPaid not -> {
                    log.info("card.payout.failed charge={} reason={}", id, not.reason());
                    yield release(tx, charge).mapEmpty();
                }
                case null -> Future.failedFuture(new IllegalStateException("a payment ends with a result"));
            };
        });
    }

    private Future<Void> paid(SqlConnection tx, Charge charge, Outgoing.Order order, Outgoing.Result.Paid paid) {
        long cost = paid.amount().plus(paid.fee()).value();
        long units = units(charge, order, cost);
        List<Transfer> transfers = new ArrayList<>();
        transfers.add(Transfer.post(
                charge.transferId() + ":capture", charge.transferId(), units, "card.payout", charge.subject()));
        if (!charge.asset().equals(Account.BTC)) {
            transfers.add(Transfer.single(
                    charge.transferId() + ":bitcoin",
                    Account.exchange(Account.BTC),
                    Account.custody("ln"),
                    cost,
                    "card.payout",
                    charge.subject()));
        }
        Charge after = changed(
                charge,
                Charge.Status.CAPTURED,
                charge.spread(),
                units,
                0,
                counting(charge).counted(units));
        return ending(tx, charge, () -> ledger.post(tx, transfers))
                .compose(posted -> save(tx, after, CardEvents.CAPTURED))
                .mapEmpty();
    }

    /** The price alone, and of what is reserved beside it the part that routing took, rounded up. */
    private static long units(Charge charge, Outgoing.Order order, long cost) {
        long amount =
                Objects.requireNonNull(Bolt11.parse(order.bolt11()).amount()).value();
        long most = order.feeLimit().value();
        long fee = Math.clamp(cost - amount, 0, most);
        Long asked = charge.asked();
        if (asked == null) { // of an earlier version
            return Math.min(charge.units(), proportion(charge.units(), amount + fee, amount + most));
        }
        return fee == 0 ? asked : asked + proportion(charge.units() - asked, fee, most);
    }

    /** Releases what was reserved. */
    Future<Charge> voiding(SqlConnection tx, StoreId store, String id) {
        return locked(tx, store, id).compose(charge -> {
            require(charge, Charge.Status.AUTHORIZED);
            requireHeldHere(charge);
            return release(tx, charge);
        });
    }

    private Future<Charge> release(SqlConnection tx, Charge charge) {
        Transfer transfer =
                Transfer.voiding(charge.transferId() + ":void", charge.transferId(), ChargeItem.KIND, charge.subject());
        Charge after = changed(charge, Charge.Status.VOIDED, charge.spread(), 0, 0, 0);
        return ending(tx, charge, () -> ledger.post(tx, List.of(transfer)))
                .compose(posted -> save(tx, after, CardEvents.VOIDED));
    }

    /**
     * Ends a reservation. What it leaves on a card that was replaced meanwhile goes where the card's money went, in the
     * same transaction.
     */
    private Future<Void> ending(SqlConnection tx, Charge charge, Supplier<Future<Void>> work) {
        return cards.heir(tx, charge.card())
                .compose(heir -> work.get()
                        .compose(done -> heir.id().equals(charge.card())
                                ? Future.succeededFuture()
                                : follow(tx, charge, heir.id())));
    }

    private Future<Void> follow(SqlConnection tx, Charge charge, CardId heir) {
        Account from = Account.card(charge.card(), charge.asset());
        Account to = Account.card(heir, charge.asset());
        String id = "replace:" + charge.card() + ":" + heir + ":" + charge.id();
        return ledger.available(tx, from)
                .compose(left -> left == 0
                        ? Future.succeededFuture()
                        : ledger.post(
                                tx, List.of(Transfer.single(id, from, to, left, "card.replace", Card.subject(heir)))));
    }

    /** Ends authorisations whose time is over; how many. One that cannot be ended now holds up no other. */
    Future<Integer> release() {
        return release(clock.now(), null).onSuccess(this::hint);
    }

    private Future<Integer> release(Instant now, @Nullable Charge behind) {
        return charges.heldOver(now, behind, PAGE).compose(due -> {
            Future<Integer> count = Future.succeededFuture(0);
            for (Charge charge : due) {
                count = count.compose(n -> releaseHeldOver(charge).map(one -> n + one));
            }
            return due.size() < PAGE
                    ? count
                    : count.compose(n -> release(now, due.getLast()).map(rest -> n + rest));
        });
    }

    private Future<Integer> releaseHeldOver(Charge charge) {
        return db.tx(tx -> charges.lock(tx, charge.id())
                        .compose(found -> found.filter(it -> it.status() == Charge.Status.AUTHORIZED)
                                .map(it -> release(tx, it).map(1))
                                .orElseGet(() -> Future.succeededFuture(0))))
                .onFailure(
                        failure -> log.warn("card.release.failed charge={} cause={}", charge.id(), failure.toString()))
                .otherwise(0);
    }

    private void hint(int released) {
        if (released > 0) {
            eventLog.hint();
        }
    }

    Future<Charge> locked(SqlConnection tx, StoreId store, String id) {
        Future<Optional<Charge>> found = Ids.isId(id) ? charges.lock(tx, id) : Future.succeededFuture(Optional.empty());
        return found.map(charge ->
                charge.filter(it -> it.store().equals(store) && it.isApproved()).orElseThrow(Settlements::unknown));
    }

    static RuntimeException unknown() {
        return new Failure.NotFound("charge-not-found", "The charge was not found").exception();
    }

    static void require(Charge charge, Charge.Status status) {
        if (charge.status() != status) {
            throw new Failure.Rejected(
                            "charge-" + charge.status().apiName().toLowerCase(java.util.Locale.ROOT),
                            "The charge is " + charge.status().apiName())
                    .exception();
        }
    }

    /** What a node was told to pay is nobody's to end but the node's. */
    private static void requireHeldHere(Charge charge) {
        if (charge.terminal().equals(Charge.LNURL)) {
            throw new Failure.Rejected("charge-in-flight", "A Lightning payment of the charge is under way")
                    .exception();
        }
    }

    Future<Charge> save(SqlConnection tx, Charge after, String kind) {
        return charges.save(tx, after)
                .compose(saved -> cards.find(tx, after.card()))
                .compose(card -> eventLog.append(tx, List.of(CardEvents.ofCharge(clock.now(), kind, card, after))))
                .map(after);
    }

    /** The part of {@code whole} that an amount of the price is; all of it without an amount. Rounded up. */
    static long part(long whole, Charge charge, Optional<Money> amount) {
        if (amount.isEmpty()) {
            return whole;
        }
        Money asked = amount.get();
        boolean fits = asked.currency().equals(charge.price().currency())
                && asked.minor() <= charge.price().minor();
        if (!fits) {
            throw new Failure.Rejected("amount-too-large", "At most the charge's amount, in its currency").exception();
        }
        return proportion(whole, asked.minor(), charge.price().minor());
    }

    private static long proportion(long whole, long part, long of) {
        BigInteger product = BigInteger.valueOf(whole).multiply(BigInteger.valueOf(part));
        BigInteger[] parts = product.divideAndRemainder(BigInteger.valueOf(of));
        return parts[0].longValueExact() + (parts[1].signum() == 0 ? 0 : 1);
    }

    private static Transfer spread(Charge charge, long spread) {
        return Transfer.single(
                charge.transferId() + ":spread",
                Account.store(charge.store(), charge.asset()),
                Account.spread(charge.asset()),
                spread,
                ChargeItem.SPREAD_KIND,
                charge.subject());
    }

    private static CardCurrency counting(Charge charge) {
        return CardCurrency.ofAsset(charge.asset());
    }

    static Charge changed(Charge c, Charge.Status status, long spread, long captured, long refunded, long counted) {
        return new Charge(
                c.id(),
                c.card(),
                c.store(),
                c.terminal(),
                c.keyVersion(),
                c.counter(),
                status,
                c.reason(),
                c.price(),
                c.asset(),
                c.units(),
                spread,
                c.asked(),
                captured,
                refunded,
                counted,
                c.invoice(),
                c.until(),
                c.version() + 1,
                c.at());
    }
}
