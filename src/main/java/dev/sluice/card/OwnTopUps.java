package dev.sluice.card;

import dev.sluice.kernel.Msat;
import dev.sluice.kernel.PaymentHash;
import dev.sluice.kernel.Preimage;
import dev.sluice.lightning.LightningService;
import dev.sluice.lightning.NodeId;
import dev.sluice.lightning.OwnInvoices;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Invoices that load cards, paid by other cards of this gateway. */
final class OwnTopUps implements OwnInvoices {
    private final TopUpRepository repository;
    private final TopUpCredits credits;
    private final LightningService lightning;

    OwnTopUps(TopUpRepository repository, TopUpCredits credits, LightningService lightning) {
        this.repository = repository;
        this.credits = credits;
        this.lightning = lightning;
    }

    @Override
    public Future<Optional<Preimage>> waiting(PaymentHash hash) {
        return repository
                .find(hash)
                .map(found -> found.filter(topUp -> !topUp.isPaid()).map(TopUpRepository.TopUp::preimage));
    }

    @Override
    public Future<Void> withdraw(PaymentHash hash) {
        return lightning.cancel(NodeId.OPERATOR, hash);
    }

    @Override
    public Future<Void> settle(SqlConnection tx, PaymentHash hash, Msat amount, Instant now) {
        return repository.of(tx, List.of(hash)).compose(locked -> {
            if (locked.isEmpty() || locked.getFirst().isPaid()) {
                return Future.failedFuture(new IllegalStateException("the top-up " + hash + " does not wait"));
            }
            return credits.credit(tx, locked.getFirst(), amount, now);
        });
    }
}
