package dev.sluice.chain;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps addresses derived ahead of need, so that handing one out is a single row update and needs no node. */
final class AddressPool {
    /** One refill: a burst of this many invoices needs no wait, and deriving it takes about 25 ms. */
    static final int REFILL = 500;
    /** Refill below this. */
    private static final int LOW = 250;

    private static final Logger log = LoggerFactory.getLogger(AddressPool.class);

    private final WalletRepository repository;
    private final Network network;
    private final WorkerExecutor worker;
    private final Map<Long, Future<Void>> filling = new ConcurrentHashMap<>(); // bounded: one entry a keychain, removed

    AddressPool(Vertx vertx, WalletRepository repository, Network network) {
        this.repository = repository;
        this.network = network;
        this.worker = vertx.createSharedWorkerExecutor("sluice-addresses", 1);
    }

    /** Fills a keychain's pool unless it is full enough; one fill at a time for each. */
    Future<Void> fill(WalletId wallet) {
        return repository
                .find(wallet)
                .compose(found -> found.isEmpty()
                        ? Future.failedFuture(new IllegalStateException("no such wallet"))
                        : fill(
                                found.get().getKey(),
                                Descriptor.parse(network, found.get().getValue())));
    }

    Future<Void> fill(WalletRepository.Keychain keychain, Descriptor descriptor) {
        Promise<Void> mine = Promise.promise();
        Future<Void> underWay = filling.putIfAbsent(keychain.id(), mine.future());
        if (underWay != null) {
            return underWay;
        }
        extend(keychain, descriptor)
                .onFailure(failure -> log.warn("chain.pool.fill.failed keychain={}", keychain.id(), failure))
                .onComplete(done -> {
                    filling.remove(keychain.id());
                    mine.handle(done);
                });
        return mine.future();
    }

    private Future<Void> extend(WalletRepository.Keychain keychain, Descriptor descriptor) {
        return repository
                .available(keychain.id(), LOW)
                .compose(available -> available >= LOW
                        ? Future.succeededFuture()
                        : worker.executeBlocking(() -> derive(descriptor, keychain.nextIndex()), false)
                                .compose(run -> repository.extend(keychain, run))
                                .mapEmpty());
    }

    /** Whether an address was taken so near the end of the pool that more should be derived now. */
    static boolean isLow(WalletRepository.Taken taken) {
        return taken.nextIndex() - taken.index() <= LOW;
    }

    private List<WalletRepository.Derived> derive(Descriptor descriptor, int from) {
        List<WalletRepository.Derived> run = new ArrayList<>(REFILL);
        for (int index = from; index < Math.addExact(from, REFILL); index++) {
            run.add(new WalletRepository.Derived(
                    index, descriptor.scriptBytes(0, index), descriptor.address(network, 0, index)));
        }
        return run;
    }

    Future<Void> close() {
        return worker.close();
    }
}
