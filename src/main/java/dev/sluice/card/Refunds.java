package dev.sluice.card;

import dev.sluice.db.Db;
import dev.sluice.kernel.CardId;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.Money;
import dev.sluice.kernel.StoreId;
import dev.sluice.ledger.Account;
import dev.sluice.ledger.Ledger;
import dev.sluice.ledger.Outcome;
import dev.sluice.ledger.Transfer;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.math.BigInteger;
import java.util.List;
import java.util.Optional;

/** What a store gives back of a charge. */
final class Refunds {
    private final Settlements settlements;
    private final CardRepository cards;
    private final Ledger ledger;

    Refunds(Db db, Settlements settlements, Ledger ledger) {
        this.settlements = settlements;
        this.cards = new CardRepository(db);
        this.ledger = ledger;
    }

    /**
     * Gives back what was captured, or a part of the price. The store gives what it got and the operator what the
     * exchange cost. A replaced card's money goes to the card that took its place.
     */
    Future<Charge> refund(SqlConnection tx, StoreId store, String id, Optional<Money> amount) {
        return settlements.locked(tx, store, id).compose(charge -> {
            Settlements.require(charge, Charge.Status.CAPTURED);
            if (charge.terminal().equals(Charge.LNURL) && charge.invoice() == null) {
                throw new Failure.Rejected("charge-paid-out", "The money left; its receiver can give it back")
                        .exception();
            }
            long left = charge.captured() - charge.refunded();
            long units = amount.isEmpty() ? left : part(charge, amount, left);
            if (left == 0 || units > left) {
                throw new Failure.Rejected("refund-too-large", "More than is left of the charge").exception();
            }
            long spread = floor(charge.spread(), charge.refunded() + units, charge.captured())
                    - floor(charge.spread(), charge.refunded(), charge.captured()); // many parts give back no more
            Charge after = Settlements.changed(
                    charge,
                    charge.status(),
                    charge.spread(),
                    charge.captured(),
                    charge.refunded() + units,
                    charge.counted());
            return cards.heir(tx, charge.card())
                    .compose(to -> giveBack(tx, after, to.id(), units, spread))
                    .compose(done -> settlements.save(tx, after, CardEvents.REFUNDED));
        });
    }

    /** Each part before was rounded up by less than a unit: what is missing of the last for that alone is let go. */
    private static long part(Charge charge, Optional<Money> amount, long left) {
        long units = Settlements.part(charge.units(), charge, amount);
        long changes = charge.version() - 1;
        return units - left <= changes ? Math.min(units, left) : units;
    }

    private Future<Void> giveBack(SqlConnection tx, Charge after, CardId to, long units, long spread) {
        Account card = Account.card(to, after.asset());
        String id = after.transferId() + ":refund:" + after.version();
        Account store = Account.store(after.store(), after.asset());
        Future<List<Outcome>> fair = units == spread
                ? Future.succeededFuture(List.of())
                : ledger.apply(
                        tx, List.of(Transfer.single(id, store, card, units - spread, "card.refund", after.subject())));
        return fair.compose(outcomes -> {
            if (outcomes.contains(Outcome.INSUFFICIENT)) {
                return Future.failedFuture(
                        new Failure.Rejected("insufficient-store-balance", "The store has not enough to give back")
                                .exception());
            }
            return spread == 0
                    ? Future.succeededFuture()
                    : ledger.post(
                            tx,
                            List.of(Transfer.single(
                                    id + ":spread",
                                    Account.spread(after.asset()),
                                    card,
                                    spread,
                                    "card.refund",
                                    after.subject())));
        });
    }

    private static long floor(long whole, long part, long of) {
        return BigInteger.valueOf(whole)
                .multiply(BigInteger.valueOf(part))
                .divide(BigInteger.valueOf(of))
                .longValueExact();
    }
}
