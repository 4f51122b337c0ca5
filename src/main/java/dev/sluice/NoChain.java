package dev.sluice;

import dev.sluice.chain.ChainService;
import dev.sluice.chain.ReservedAddress;
import dev.sluice.chain.WalletId;
import dev.sluice.kernel.Failure;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.Optional;

/** For a gateway without a bitcoin node: nothing can be paid on chain, and it says so. */
final class NoChain implements ChainService {
    private static final Failure NONE =
            new Failure.Rejected("chain-not-configured", "On-chain payments are not configured on this server");

    @Override
    public Future<ReservedAddress> reserve(SqlConnection tx, WalletId wallet, String subject) {
        return Future.failedFuture(new Failure.Unavailable(NONE.code(), NONE.message(), 60).exception());
    }

    @Override
    public Future<WalletId> openWallet(String owner, String descriptor, int startIndex) {
        return Future.failedFuture(NONE.exception());
    }

    @Override
    public Optional<Tip> tip() {
        return Optional.empty();
    }

    @Override
    public Optional<String> unavailableReason() {
        return Optional.of(NONE.message());
    }

    @Override
    public long feeRateSatPerKvb() {
        return 1_000;
    }
}
