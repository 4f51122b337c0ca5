package dev.sluice.lightning;

import dev.sluice.kernel.Msat;
import dev.sluice.kernel.PaymentHash;
import dev.sluice.kernel.Preimage;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What other features may ask of Lightning. */
public interface LightningService {
    /** Makes an invoice at a node, within {@code deadline}; repeating with the same preimage is safe. */
    Future<LightningNode.AddedInvoice> addInvoice(
            NodeId node,
            Preimage preimage,
            @Nullable Msat amount,
            String memo,
            Duration expiry,
            boolean privateHints,
            Duration deadline);

    /** Likewise for an invoice that commits to a description by its SHA-256 instead of telling it (LUD-06). */
    Future<LightningNode.AddedInvoice> addInvoice(
            NodeId node, Preimage preimage, Msat amount, byte[] descriptionHash, Duration expiry, Duration deadline);

    /** Cancels an invoice that must not be paid any more; unknown and already cancelled are success. */
    Future<Void> cancel(NodeId node, PaymentHash hash);

    /** Makes sure a node is connected for a connection string (already checked); its id. */
    Future<NodeId> connect(String owner, String connectionString);

    /** Why a node cannot take invoices now, or empty where it can. */
    Optional<String> unavailableReason(NodeId node);

    /** Everything the node had settled by this moment has been applied; empty before the first catch-up. */
    Optional<Instant> caughtUpAt(NodeId node);

    /** Asks a node about one hash now and applies what it says, as a sweep before an expiry is decided. */
    Future<Void> sweep(NodeId node, PaymentHash hash);
}
