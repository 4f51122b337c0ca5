package dev.sluice.chain;

import dev.sluice.db.Db;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.Sha256;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.SqlConnection;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The chain as other features see it: the address pool in the database, and the watcher's view. */
public final class ChainServiceLive implements ChainService {
    /** 128 bits tell descriptors apart. */
    private static final int DIGEST_HEX = 32;
    /** Who connects a wallet waits this long for the mempool to be read with it; its addresses wait longer. */
    private static final long FIRST_LOOK_MS = 2_500;

    private final WalletRepository repository;
    private final AddressPool pool;
    private final Network network;
    private final ChainWatcher watcher;

    public ChainServiceLive(Vertx vertx, Db db, Network network, ChainWatcher watcher) {
        this.repository = new WalletRepository(db);
        this.pool = new AddressPool(vertx, repository, network);
        this.network = network;
        this.watcher = watcher;
    }

    @Override
    public Future<ReservedAddress> reserve(SqlConnection tx, WalletId wallet, String subject) {
        return repository.take(tx, wallet, subject).compose(taken -> {
            if (taken.isEmpty() || AddressPool.isLow(taken.get())) {
                pool.fill(wallet); // in the background; its failure is logged there and the next caller tries again
            }
            return taken.map(found -> Future.succeededFuture(found.address()))
                    .orElseGet(() -> repository.find(tx, wallet).compose(ChainServiceLive::none));
        });
    }

    private static <T> Future<T> none(Optional<Map.Entry<WalletRepository.Keychain, String>> wallet) {
        boolean read = wallet.filter(found -> found.getKey().mempoolRead()).isPresent();
        Failure why = read
                ? new Failure.Unavailable("no-address", "No address is ready yet; more are being derived", 1)
                : new Failure.Unavailable("chain-not-read", "The bitcoin node was not read with this wallet yet", 5);
        return Future.failedFuture(why.exception());
    }

    @Override
    public Future<WalletId> openWallet(String owner, String descriptor, int startIndex) {
        Descriptor parsed;
        try {
            parsed = Descriptor.parse(network, descriptor);
        } catch (RuntimeException refused) {
            return Future.failedFuture(refused);
        }
        WalletId id = id(owner, parsed);
        return repository
                .open(id, owner, parsed, startIndex)
                .compose(keychain -> pool.fill(keychain, parsed)
                        .compose(filled -> keychain.mempoolRead() ? Future.succeededFuture() : firstLook()))
                .map(id);
    }

    /** So that the first invoice has an address where the node answers; otherwise it gets one when the node does. */
    private Future<Void> firstLook() {
        return watcher.look().timeout(FIRST_LOOK_MS, TimeUnit.MILLISECONDS).otherwiseEmpty();
    }

    /** The same owner and keys give the same id, so opening a wallet twice is opening it once. */
    private static WalletId id(String owner, Descriptor descriptor) {
        byte[] digest = Sha256.of(descriptor.toString());
        return new WalletId(owner + ":" + HexFormat.of().formatHex(digest).substring(0, DIGEST_HEX));
    }

    @Override
    public Optional<Tip> tip() {
        return watcher.tip();
    }

    @Override
    public Optional<String> unavailableReason() {
        return watcher.unavailableReason();
    }

    @Override
    public long feeRateSatPerKvb() {
        return watcher.feeRateSatPerKvb();
    }

    /** Stops deriving. */
    public Future<Void> close() {
        return pool.close();
    }
}
