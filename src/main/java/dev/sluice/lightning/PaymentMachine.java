package dev.sluice.lightning;

import dev.sluice.db.Db;
import dev.sluice.db.Fence;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.PaymentHash;
import dev.sluice.lightning.Outgoing.Order;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.sqlclient.SqlConnection;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pays Lightning invoices, each payment hash at most once: the intent is committed before the node hears of it, and
 * only the node's own word ends a payment. What is not final is taken up again after a restart and every minute.
 */
public final class PaymentMachine extends VerticleBase {
    private static final Logger log = LoggerFactory.getLogger(PaymentMachine.class);
    private static final long SWEEP_MS = 60_000;
    /** Each holds a stream; more wait for the sweep. Two full channels carry no more at once (BOLT 2: 483 a side). */
    private static final int ACTIVE_MAX = 1_000;

    /** How long a request may be under way to a node that seems not to know it. */
    public static final Duration GRACE = Duration.ofSeconds(60);

    private final Parts parts;
    private final PaymentRepository repository;
    private final Map<PaymentHash, PaymentDrive> active = new HashMap<>();
    private volatile boolean full;
    private boolean stopped;

    /**
     * What the machine works with.
     *
     * @param nodes the nodes that may pay
     * @param untrusted why a node's word does not count now (not admitted: away, another one, restored), empty where it
     *     does; whether it is in sync the machine asks itself
     * @param own invoices of the operator's node itself
     * @param grace {@link #GRACE}, but for tests
     */
    public record Parts(
            Db db,
            Clock clock,
            Entropy entropy,
            Function<NodeId, Optional<LightningNode>> nodes,
            Function<NodeId, Optional<String>> untrusted,
            Function<NodeId, Fence> fences,
            PaymentSink sink,
            OwnInvoices own,
            Duration grace) {}

    public PaymentMachine(Parts parts) {
        this.parts = parts;
        this.repository = new PaymentRepository(parts.db());
    }

    @Override
    public Future<?> start() {
        vertx.setPeriodic(SWEEP_MS, tick -> resume());
        resume();
        return Future.succeededFuture();
    }

    @Override
    public Future<?> stop() {
        stopped = true;
        active.values().forEach(PaymentDrive::stop);
        active.clear();
        return Future.succeededFuture();
    }

    /**
     * Writes the intent in the caller's transaction, beside what reserves the money. After the commit call
     * {@link #drive}. The same order again is the same payment; another order of the same hash is a {@code Conflict}.
     */
    public Future<Outgoing> intend(SqlConnection tx, Order order) {
        return repository.intend(tx, order, parts.clock().now());
    }

    /** A payment's row, empty where there is none of that hash. */
    public Future<Optional<Outgoing>> find(PaymentHash hash) {
        return repository.find(hash);
    }

    /** Whether as many are under way as may: another one would wait for any of them to end, which can take days. */
    public boolean isFull() {
        return full;
    }

    /** Takes up a committed intent now instead of with the next sweep; from any thread. */
    public void drive(PaymentHash hash) {
        context.runOnContext(here -> repository
                .find(hash)
                .onSuccess(found -> found.ifPresent(this::take))
                .onFailure(failure -> log.warn("payment.unread payment={} cause={}", hash, failure.toString())));
    }

    private void resume() {
        repository
                .open(ACTIVE_MAX)
                .onSuccess(open -> open.forEach(this::take))
                .onFailure(failure -> log.warn("payment.sweep.failed cause={}", failure.toString()));
    }

    private void take(Outgoing payment) {
        PaymentHash hash = payment.order().hash();
        boolean isFinal = payment.result() != null;
        if (stopped || isFinal || active.containsKey(hash) || active.size() >= ACTIVE_MAX) {
            return;
        }
        PaymentDrive drive = new PaymentDrive(vertx, context, parts, repository, payment, () -> left(hash));
        active.put(hash, drive);
        full = active.size() >= ACTIVE_MAX;
        drive.on(PaymentTransitions.Event.DRIVE);
    }

    private void left(PaymentHash hash) {
        active.remove(hash);
        full = active.size() >= ACTIVE_MAX;
    }
}
