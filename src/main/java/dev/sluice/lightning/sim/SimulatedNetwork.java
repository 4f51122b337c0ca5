package dev.sluice.lightning.sim;

import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.FailureException;
import dev.sluice.kernel.Msat;
import dev.sluice.kernel.PaymentHash;
import fr.acinq.bitcoin.Crypto;
import fr.acinq.bitcoin.PrivateKey;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Simulated nodes that are all each other's peers, with channels without end. Everything happens on one thread, in the
 * order asked for; keys come from the seed, so that a node is itself again after a restart.
 */
public final class SimulatedNetwork implements AutoCloseable {
    private final Vertx vertx;
    private final Clock clock;
    private final long seed;
    private final @Nullable Path folder;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("simulated-lightning").factory());
    private final Map<String, SimulatedLightning> byAlias = new ConcurrentHashMap<>();
    private final Map<String, SimulatedLightning> byKey = new ConcurrentHashMap<>();
    /** Who pays a hash, to be told when a held payment ends. */
    private final Map<PaymentHash, SimulatedLightning> payers = new HashMap<>();

    /** @param folder where nodes keep their invoices between runs, or null to forget them */
    public SimulatedNetwork(Vertx vertx, Clock clock, long seed, @Nullable Path folder) {
        this.vertx = vertx;
        this.clock = clock;
        this.seed = seed;
        this.folder = folder;
    }

    /** The node of that name, made when first asked for. */
    public SimulatedLightning node(String alias) {
        return byAlias.computeIfAbsent(alias, this::start);
    }

    private SimulatedLightning start(String alias) {
        PrivateKey key = new PrivateKey(Crypto.sha256((seed + ":" + alias).getBytes(StandardCharsets.UTF_8)));
        Journal journal = Journal.none();
        List<String> past = List.of();
        if (folder != null) {
            Path file = folder.resolve("lightning-" + alias + ".journal");
            past = Journal.read(file);
            journal = Journal.open(file);
        }
        SimulatedLightning node =
                new SimulatedLightning(this, alias, key, clock, journal, past, new Faults(seed ^ alias.hashCode()));
        byKey.put(node.pubkey(), node);
        return node;
    }

    /** Work on the network's thread; its answer on the caller's context, with the node's faults. */
    <T extends @Nullable Object> Future<T> ask(Faults faults, Supplier<T> work) {
        Context context = vertx.getOrCreateContext();
        Promise<T> answer = Promise.promise();
        run(faults, () -> {
            try {
                if (faults.isDown()) {
                    throw unavailable();
                }
                T value = work.get();
                if (faults.losesAnswer()) {
                    throw unavailable();
                }
                context.runOnContext(back -> answer.tryComplete(value));
            } catch (FailureException refused) {
                context.runOnContext(back -> answer.tryFail(refused));
            }
        });
        return answer.future();
    }

    void run(Faults faults, Runnable work) {
        if (faults.delayMs() > 0) {
            thread.schedule(work, faults.delayMs(), TimeUnit.MILLISECONDS);
        } else {
            thread.execute(work);
        }
    }

    ScheduledExecutorService thread() {
        return thread;
    }

    /** Takes a payment to its payee; why it fails at once, or null where it is under way or done. */
    @Nullable
    String deliver(SimulatedLightning payer, String payee, PaymentHash hash, Msat amount) {
        SimulatedLightning node = byKey.get(payee);
        if (node == null || node.faults().isDown()) {
            return "no-route";
        }
        payers.put(hash, payer);
        String refusal = node.receive(hash, amount);
        if (refusal != null) {
            payers.remove(hash, payer);
        }
        return refusal;
    }

    /** An invoice left the OPEN state: tells the payer where there is one. */
    void resolved(SimulatedInvoice invoice) {
        SimulatedLightning payer = payers.get(invoice.hash());
        if (payer != null) {
            payers.remove(invoice.hash());
            payer.resolved(invoice);
        }
    }

    static FailureException unavailable() {
        return new Failure.Unavailable("lightning-unavailable", "The Lightning node cannot answer: simulated", 1)
                .exception();
    }

    @Override
    public void close() {
        thread.shutdownNow();
        byAlias.values().forEach(SimulatedLightning::closeJournal);
    }
}
