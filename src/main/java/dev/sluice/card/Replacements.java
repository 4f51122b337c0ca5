package dev.sluice.card;

import dev.sluice.db.Db;
import dev.sluice.kernel.CardId;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.Ids;
import dev.sluice.kernel.StoreId;
import dev.sluice.ledger.Account;
import dev.sluice.ledger.Ledger;
import dev.sluice.ledger.Transfer;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlConnection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A card takes the place of one that is lost, broken or worn out. */
final class Replacements {
    private final CardRepository repository;
    private final CardService cards;
    private final ProgrammeService programmes;
    private final Ledger ledger;

    Replacements(Db db, CardService cards, ProgrammeService programmes, Ledger ledger) {
        this.repository = new CardRepository(db);
        this.cards = cards;
        this.programmes = programmes;
        this.ledger = ledger;
    }

    /** Moves a card's balance to another card of the same programme; the old one is refused from this commit on. */
    Future<Card> replace(SqlConnection tx, StoreId store, String id, Optional<String> by) {
        return heir(tx, store, id, by)
                .compose(heir -> repository
                        .lock(
                                tx,
                                Stream.of(id, heir.value())
                                        .sorted()
                                        .map(CardId::new)
                                        .toList())
                        .compose(both -> {
                            Card old = both.stream()
                                    .filter(c -> c.id().value().equals(id)
                                            && c.store().equals(store))
                                    .findFirst()
                                    .orElseThrow(CardService::unknown);
                            Card next = both.stream()
                                    .filter(c ->
                                            c.id().equals(heir) && c.store().equals(store))
                                    .findFirst()
                                    .orElseThrow(CardService::unknown);
                            return replace(tx, old, next);
                        }));
    }

    private Future<CardId> heir(SqlConnection tx, StoreId store, String id, Optional<String> by) {
        if (by.isPresent()) {
            if (!Ids.isId(by.get()) || by.get().equals(id)) {
                return Future.failedFuture(CardService.unknown());
            }
            return Future.succeededFuture(new CardId(by.get()));
        }
        return cards.get(store, id)
                .compose(old -> programmes.get(store, old.programme()).compose(terms -> {
                    Card made = cards.blank(terms, old.label(), old.holder());
                    return cards.add(tx, List.of(made)).map(made.id());
                }));
    }

    private Future<Card> replace(SqlConnection tx, Card old, Card next) {
        if (!next.programme().equals(old.programme()) || !CardService.takesMoney(next)) {
            return Future.failedFuture(new Failure.Rejected(
                            "card-cannot-replace", "The other card must be of the same programme and take money")
                    .exception());
        }
        Card after = CardChange.of(CardService.moved(old, CardTrigger.REPLACE))
                .sameVersion()
                .replacedBy(next.id())
                .done();
        return programmes.get(old.store(), old.programme()).compose(terms -> {
            String asset = terms.money().asset();
            Account from = Account.card(old.id(), asset);
            return ledger.available(tx, from)
                    .compose(units -> units == 0
                            ? Future.<Void>succeededFuture()
                            : ledger.post(
                                    tx,
                                    List.of(Transfer.single(
                                            "replace:" + old.id() + ":" + next.id(),
                                            from,
                                            Account.card(next.id(), asset),
                                            units,
                                            "card.replace",
                                            Card.subject(next.id())))))
                    .compose(posted -> cards.save(
                            tx,
                            after,
                            CardEvents.REPLACED,
                            new JsonObject().put("replacedBy", next.id().value())))
                    .compose(replaced -> inherited(tx, old, next));
        });
    }

    private static @Nullable String other(@Nullable String own, @Nullable String inherited) {
        return own == null || own.isEmpty() ? inherited : own;
    }

    /**
     * What was set for the old card holds for the new one, its holder and label where that has none; a PIN is set anew,
     * because nobody can read the old one.
     */
    private Future<Card> inherited(SqlConnection tx, Card old, Card next) {
        Card after = CardChange.of(next)
                .limits(next.limits().and(old.limits()))
                .owner(other(next.holder(), old.holder()), other(next.label(), old.label()))
                .done();
        return after.equals(CardChange.of(next).done())
                ? Future.succeededFuture(next)
                : cards.save(tx, after, CardEvents.CHANGED, new JsonObject());
    }
}
