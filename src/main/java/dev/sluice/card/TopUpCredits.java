package dev.sluice.card;

import dev.sluice.db.Db;
import dev.sluice.eventlog.EventLog;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Msat;
import dev.sluice.ledger.Account;
import dev.sluice.ledger.Ledger;
import dev.sluice.ledger.Transfer;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlConnection;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Credits Lightning payments onto cards, in the transaction that takes the money. */
final class TopUpCredits {
    private final TopUpRepository repository;
    private final CardRepository cards;
    private final Ledger ledger;
    private final EventLog eventLog;
    private final Clock clock;

    TopUpCredits(Db db, Ledger ledger, EventLog eventLog, Clock clock) {
        this.repository = new TopUpRepository(db);
        this.cards = new CardRepository(db);
        this.ledger = ledger;
        this.eventLog = eventLog;
        this.clock = clock;
    }

    /** Credits the card that has the money now; the top-up must be locked, and not paid yet. */
    Future<Void> credit(SqlConnection tx, TopUpRepository.TopUp topUp, Msat received, Instant settledAt) {
        return cards.heir(tx, topUp.card())
                .compose(card -> programme(tx, card).compose(terms -> {
                    long units = units(topUp, terms, received);
                    JsonObject facts = new JsonObject()
                            .put("amount", terms.money().text(units))
                            .put("currency", terms.money().currency().code())
                            .put("source", "Lightning")
                            .put("paymentHash", topUp.hash().hex());
                    return ledger.post(tx, transfers(topUp, card, terms, received, units))
                            .compose(posted -> repository.settle(tx, topUp.hash(), received, settledAt))
                            .compose(kept -> eventLog.append(
                                    tx, List.of(CardEvents.of(clock.now(), CardEvents.TOPPED_UP, card, facts))));
                }));
    }

    private static Future<Programme> programme(SqlConnection tx, Card card) {
        return ProgrammeRepository.find(tx, List.of(card.programme())).map(List::getFirst);
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
