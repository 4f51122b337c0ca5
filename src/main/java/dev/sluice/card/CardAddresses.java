package dev.sluice.card;

import dev.sluice.chain.ChainService;
import dev.sluice.chain.WalletId;
import dev.sluice.db.Db;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Failure;
import dev.sluice.store.StoreService;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.List;
import java.util.Optional;

/** Addresses of the operator's wallet, each of one card, by which money comes onto it on chain. */
final class CardAddresses {
    private final DepositRepository repository;
    private final CardRepository cards;
    private final ProgrammeService programmes;
    private final StoreService stores;
    private final ChainService chain;
    private final Optional<WalletId> wallet;
    private final Clock clock;

    CardAddresses(
            Db db,
            ProgrammeService programmes,
            StoreService stores,
            ChainService chain,
            Optional<WalletId> wallet,
            Clock clock) {
        this.repository = new DepositRepository(db);
        this.cards = new CardRepository(db);
        this.programmes = programmes;
        this.stores = stores;
        this.chain = chain;
        this.wallet = wallet;
        this.clock = clock;
    }

    /** The address that was handed out and not paid yet. */
    Future<Optional<DepositRepository.UnpaidAddress>> current(Card card) {
        return repository.unpaid(card.id());
    }

    /**
     * The same, or a new one. Fails with {@code Rejected} where the card takes no money or is not in bitcoin, and with
     * {@code Unavailable} where the chain is not in sight.
     */
    Future<DepositRepository.UnpaidAddress> open(SqlConnection tx, Card asked) {
        return cards.lock(tx, List.of(asked.id()))
                .map(List::getFirst)
                .compose(card -> programmes.recent(card.programme()).compose(terms -> open(tx, card, terms)));
    }

    private Future<DepositRepository.UnpaidAddress> open(SqlConnection tx, Card card, Programme terms) {
        Optional<String> unavailable =
                wallet.isEmpty() ? Optional.of("the operator has no wallet") : chain.unavailableReason();
        if (!CardService.takesMoney(card, terms)) {
            return Future.failedFuture(CardService.notLoadable());
        }
        if (unavailable.isPresent()) {
            return Future.failedFuture(new Failure.Unavailable("chain-unavailable", unavailable.get(), 30).exception());
        }
        if (!terms.money().currency().isBitcoin()) {
            return Future.failedFuture(new Failure.Rejected(
                            "card-not-in-bitcoin", "This card is loaded over Lightning: its currency has a rate")
                    .exception());
        }
        return repository
                .unpaid(tx, card.id())
                .compose(found -> found.map(Future::succeededFuture).orElseGet(() -> reserve(tx, card)));
    }

    private Future<DepositRepository.UnpaidAddress> reserve(SqlConnection tx, Card card) {
        return stores.find(card.store()).compose(store -> {
            int confirmations =
                    Math.max(1, store.orElseThrow().settings().speedPolicy().confirmations(true));
            return chain.reserve(tx, wallet.orElseThrow(), Card.subject(card.id()))
                    .compose(reserved -> repository
                            .add(tx, reserved, card.id(), confirmations, clock.now())
                            .map(new DepositRepository.UnpaidAddress(reserved.address(), confirmations)));
        });
    }
}
