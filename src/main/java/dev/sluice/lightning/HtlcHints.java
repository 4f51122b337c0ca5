package dev.sluice.lightning;

import dev.sluice.kernel.PaymentHash;
import dev.sluice.lightning.LightningNode.Subscription;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a node's HTLC events say was settled. Only a hint that wakes a look-up: where the settle stream has not brought
 * that settle a look later, the node is asked for it, instead of the next audit finding it. Used on one context.
 */
final class HtlcHints {
    private static final Logger log = LoggerFactory.getLogger(HtlcHints.class);
    /** As many as settles may wait for the database; what is beyond is found by the stream or the audit. */
    private static final int HEARD_MAX = 4_000;
    /** Look-ups that a look begins: a stream that lost more is better served by its audit. */
    private static final int LOOKUPS_MAX = 20;

    private final NodeId id;
    private final LightningNode node;
    private final Set<PaymentHash> heard = ConcurrentHashMap.newKeySet();
    /** Heard before the last look, so that the stream had its time. */
    private final Set<PaymentHash> due = new HashSet<>();

    private @Nullable Subscription stream;
    /** Grows with each stream: what an earlier one says of its end counts no more. */
    private int generation;

    HtlcHints(NodeId id, LightningNode node) {
        this.id = id;
        this.node = node;
    }

    /**
     * Opens the stream where it is not open. Without it nothing is lost: a macaroon may not allow it.
     *
     * @param context runs what belongs to the one context
     */
    void open(Executor context) {
        if (stream == null) {
            int mine = ++generation;
            stream = node.subscribeHtlcs(
                    this::hear,
                    cause -> context.execute(() -> {
                        if (mine == generation) {
                            ended(cause);
                        }
                    }));
        }
    }

    void close() {
        generation++;
        if (stream != null) {
            stream.cancel();
            stream = null;
        }
        heard.clear();
        due.clear();
    }

    /** On the stream's thread. */
    private void hear(PaymentHash hash) {
        if (heard.size() < HEARD_MAX) {
            heard.add(hash);
        }
    }

    private void ended(@Nullable Throwable cause) {
        stream = null;
        log.info("lightning.htlcs.ended node={} cause={}", id, String.valueOf(cause));
    }

    /** Asks for what was heard before the last look and is not applied. */
    void look(Predicate<PaymentHash> applied, Consumer<PaymentHash> ask) {
        due.removeIf(applied);
        List<PaymentHash> asked = due.stream().limit(LOOKUPS_MAX).toList();
        due.clear();
        due.addAll(heard);
        heard.removeAll(due);
        asked.forEach(ask);
    }
}
