package dev.sluice.card;

import dev.sluice.chain.ChainSink;
import dev.sluice.chain.ChainUpdate;
import dev.sluice.chain.OutputChange;
import dev.sluice.db.Db;
import dev.sluice.eventlog.EventLog;
import dev.sluice.kernel.CardId;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Msat;
import dev.sluice.ledger.Account;
import dev.sluice.ledger.Ledger;
import dev.sluice.ledger.Reversible;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlConnection;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Takes what is paid on chain to addresses of cards, and leaves the rest to the invoices. A deposit is credited in the
 * step of the watcher in which it is deep enough, to the card that has the balance by then; a block that is taken off
 * takes its credit back.
 */
public final class CardDeposits implements ChainSink {
    private final DepositRepository repository;
    private final CardRepository cards;
    private final Ledger ledger;
    private final EventLog eventLog;
    private final Clock clock;
    private final ChainSink next;

    public CardDeposits(Db db, Ledger ledger, EventLog eventLog, Clock clock, ChainSink next) {
        this.repository = new DepositRepository(db);
        this.cards = new CardRepository(db);
        this.ledger = ledger;
        this.eventLog = eventLog;
        this.clock = clock;
        this.next = next;
    }

    @Override
    public Future<Void> apply(SqlConnection tx, ChainUpdate update, Set<String> aside) {
        Set<CardId> untouched =
                aside.stream().filter(Card::isSubject).map(Card::idOf).collect(Collectors.toSet());
        Set<String> others =
                aside.stream().filter(subject -> !Card.isSubject(subject)).collect(Collectors.toSet());
        return owners(tx, update).compose(owners -> {
            List<OutputChange> rest = update.changes().stream()
                    .filter(change -> !owners.containsKey(change.script()))
                    .toList();
            return note(tx, update, owners, untouched)
                    .compose(noted -> settle(tx, update, owners.keySet(), card -> !untouched.contains(card)))
                    .compose(settled ->
                            next.apply(tx, new ChainUpdate(update.tipHeight(), update.tipHash(), rest), others));
        });
    }

    @Override
    public Future<Set<String>> concerned(SqlConnection tx, ChainUpdate update) {
        return owners(tx, update)
                .compose(owners -> repository
                        .dueCards(tx, update.tipHeight())
                        .compose(due -> next.concerned(tx, update).map(others -> {
                            Set<String> all = new HashSet<>(others);
                            due.forEach(card -> all.add(Card.subject(card)));
                            owners.values().forEach(owner -> all.add(Card.subject(owner.card())));
                            return all;
                        })));
    }

    @Override
    public Future<Void> bring(SqlConnection tx, String subject, ChainUpdate standing) {
        if (!Card.isSubject(subject)) {
            return next.bring(tx, subject, standing);
        }
        return owners(tx, standing)
                .compose(owners -> note(tx, standing, owners, Set.of())
                        .compose(noted -> settle(tx, standing, owners.keySet(), Card.idOf(subject)::equals)));
    }

    @Override
    public void committed() {
        eventLog.hint();
        next.committed();
    }

    private Future<Map<String, DepositRepository.Owner>> owners(SqlConnection tx, ChainUpdate update) {
        Set<String> scripts =
                update.changes().stream().map(OutputChange::script).collect(Collectors.toSet());
        return scripts.isEmpty()
                ? Future.succeededFuture(Map.of())
                : repository
                        .owners(tx, scripts)
                        .map(found -> found.stream()
                                .collect(Collectors.toMap(DepositRepository.Owner::script, Function.identity())));
    }

    private Future<Void> note(
            SqlConnection tx,
            ChainUpdate update,
            Map<String, DepositRepository.Owner> owners,
            Collection<CardId> untouched) {
        Future<Void> chain = Future.succeededFuture();
        for (OutputChange change : update.changes()) {
            DepositRepository.Owner owner = owners.get(change.script());
            if (owner != null && !untouched.contains(owner.card())) {
                int needed = change.coinbase() ? OutputChange.COINBASE_MATURITY : owner.confirmations();
                chain = chain.compose(done -> repository.note(tx, owner, change, needed));
            }
        }
        return chain;
    }

    private Future<Void> settle(
            SqlConnection tx, ChainUpdate update, Collection<String> scripts, Predicate<CardId> concerned) {
        Future<List<DepositRepository.Deposit>> lost =
                scripts.isEmpty() ? Future.succeededFuture(List.of()) : repository.lost(tx, scripts);
        return lost.compose(gone -> each(gone, concerned, deposit -> takeBack(tx, deposit)))
                .compose(done -> repository.due(tx, update.tipHeight()))
                .compose(due -> each(due, concerned, deposit -> credit(tx, deposit)));
    }

    private static Future<Void> each(
            List<DepositRepository.Deposit> deposits,
            Predicate<CardId> concerned,
            Function<DepositRepository.Deposit, Future<Void>> work) {
        Future<Void> chain = Future.succeededFuture();
        for (DepositRepository.Deposit deposit : deposits) {
            if (concerned.test(deposit.card())) {
                chain = chain.compose(done -> work.apply(deposit));
            }
        }
        return chain;
    }

    private Future<Void> credit(SqlConnection tx, DepositRepository.Deposit deposit) {
        return cards.heir(tx, deposit.card()).compose(card -> {
            Reversible credit = reversible(deposit, card);
            return credit.loss(ledger, tx)
                    .compose(loss -> ledger.post(tx, credit.credit(loss)))
                    .compose(posted -> repository.mark(tx, deposit, deposit.credits() + 1, true))
                    .compose(marked -> announce(tx, CardEvents.TOPPED_UP, deposit, card));
        });
    }

    private Future<Void> takeBack(SqlConnection tx, DepositRepository.Deposit deposit) {
        return cards.heir(tx, deposit.card())
                .compose(card -> reversible(deposit, card)
                        .reverse(ledger, tx)
                        .compose(posted -> repository.mark(tx, deposit, deposit.credits(), false))
                        .compose(marked -> announce(tx, CardEvents.TAKEN_BACK, deposit, card)));
    }

    private static Reversible reversible(DepositRepository.Deposit deposit, Card card) {
        return new Reversible(
                deposit.fact(),
                deposit.credits(),
                Account.custody("chain"),
                Account.card(card.id(), Account.BTC),
                Msat.ofSat(deposit.valueSat()).value(),
                "card.topUp",
                Card.subject(card.id()));
    }

    private Future<Void> announce(SqlConnection tx, String kind, DepositRepository.Deposit deposit, Card card) {
        JsonObject facts = new JsonObject()
                .put("amount", Long.toString(deposit.valueSat()))
                .put("currency", "SATS")
                .put("source", "Chain")
                .put("txid", deposit.txid())
                .put("vout", deposit.vout());
        return eventLog.append(tx, List.of(CardEvents.of(clock.now(), kind, card, facts)));
    }
}
