package dev.sluice.card;

import dev.sluice.db.Db;
import dev.sluice.eventlog.EventLog;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Msat;
import dev.sluice.kernel.PaymentHash;
import dev.sluice.ledger.Account;
import dev.sluice.ledger.Ledger;
import dev.sluice.ledger.Transfer;
import dev.sluice.lightning.LightningNode.Settle;
import dev.sluice.lightning.NodeId;
import dev.sluice.lightning.SettleSink;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlConnection;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Credits Lightning payments onto cards, and passes on what is not one. It exists before the nodes are followed: what
 * nobody takes is booked as unclaimed.
 */
public final class TopUpSettles implements SettleSink {
    private final TopUpRepository repository;
    private final CardRepository cards;
    private final Ledger ledger;
    private final EventLog eventLog;
    private final Clock clock;
    private final SettleSink next;

    public TopUpSettles(Db db, Ledger ledger, EventLog eventLog, Clock clock, SettleSink next) {
        this.repository = new TopUpRepository(db);
        this.cards = new CardRepository(db);
        this.ledger = ledger;
        this.eventLog = eventLog;
        this.clock = clock;
        this.next = next;
    }

    @Override
    public Future<Void> apply(SqlConnection tx, NodeId node, List<Settle> settles, long baseline) {
        if (!node.equals(NodeId.OPERATOR) || settles.isEmpty()) {
            return next.apply(tx, node, settles, baseline);
        }
        Map<PaymentHash, Settle> byHash =
                settles.stream().collect(Collectors.toMap(Settle::hash, Function.identity(), (a, b) -> a));
        return repository.of(tx, byHash.keySet()).compose(ours -> {
            Set<PaymentHash> taken =
                    ours.stream().map(TopUpRepository.TopUp::hash).collect(Collectors.toSet());
            List<Settle> rest =
                    settles.stream().filter(s -> !taken.contains(s.hash())).toList();
            Future<Void> chain = Future.succeededFuture();
            for (TopUpRepository.TopUp topUp : ours) {
                Settle settle = byHash.get(topUp.hash());
                if (topUp.received() == null
                        && settle != null
                        && settle.received().value() > 0) {
                    chain = chain.compose(done -> credit(tx, topUp, settle));
                }
            }
            return chain.compose(done -> rest.isEmpty() && !ours.isEmpty()
                    ? Future.succeededFuture()
                    : next.apply(tx, node, rest, baseline));
        });
    }

    @Override
    public void committed() {
        next.committed();
    }

    private Future<Void> credit(SqlConnection tx, TopUpRepository.TopUp topUp, Settle settle) {
        return cards.heir(tx, topUp.card())
                .compose(card -> repository.programme(tx, card.programme()).compose(terms -> {
                    long units = units(topUp, terms, settle.received());
                    JsonObject facts = new JsonObject()
                            .put("amount", terms.money().text(units))
                            .put("currency", terms.money().currency().code())
                            .put("source", "Lightning")
                            .put("paymentHash", topUp.hash().hex());
                    return ledger.post(tx, transfers(topUp, card, terms, settle.received(), units))
                            .compose(posted ->
                                    repository.settle(tx, topUp.hash(), settle.received(), settle.settledAt()))
                            .compose(kept -> eventLog.append(
                                    tx, List.of(CardEvents.of(clock.now(), CardEvents.TOPPED_UP, card, facts))));
                }));
    }

    /** At the rate of the offer; a payer may send more than was asked, and gets it all. */
    private static long units(TopUpRepository.TopUp topUp, Programme terms, Msat received) {
        return terms.money().currency().isBitcoin()
                ? received.value()
                : BigInteger.valueOf(topUp.units())
                        .multiply(BigInteger.valueOf(received.value()))
                        .divide(BigInteger.valueOf(topUp.amount().value()))
                        .longValueExact();
    }

    private static List<Transfer> transfers(
            TopUpRepository.TopUp topUp, Card card, Programme terms, Msat received, long units) {
        String id = "ln:" + topUp.hash().hex();
        String subject = Card.subject(card.id());
        Account to = Account.card(card.id(), terms.money().asset());
        Account custody = Account.custody("ln");
        if (terms.money().currency().isBitcoin()) {
            return List.of(Transfer.single(id, custody, to, units, "card.topUp", subject));
        }
        List<Transfer> both = new ArrayList<>();
        both.add(Transfer.single(id, custody, Account.exchange(Account.BTC), received.value(), "card.topUp", subject));
        if (units > 0) {
            Account from = Account.exchange(terms.money().asset());
            both.add(Transfer.single(id + ":exchange", from, to, units, "card.topUp", subject));
        }
        return both;
    }
}
