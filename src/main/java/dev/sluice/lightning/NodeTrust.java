package dev.sluice.lightning;

import dev.sluice.kernel.Failure;
import io.vertx.core.Future;
import io.vertx.core.Promise;

/**
 * Gives a node to those who ask it only between its admission and the loss of its stream. Before, it may be another
 * one, or one restored from a backup: its "I know no such invoice" would expire what was paid. For any thread.
 */
final class NodeTrust {
    private final LightningNode node;
    private volatile Promise<LightningNode> admitted = Promise.promise();

    NodeTrust(LightningNode node) {
        this.node = node;
    }

    /** A connect begins: who waits from now on is told how it ends. */
    void begin() {
        admitted = Promise.promise();
    }

    void admit() {
        admitted.tryComplete(node);
    }

    /** Whoever waits is told why, and nobody is given the node until it has been admitted again. */
    void end(String why) {
        Promise<LightningNode> before = admitted;
        Promise<LightningNode> nobody = Promise.promise();
        nobody.fail(failure(why));
        admitted = nobody;
        before.tryFail(failure(why));
    }

    boolean isGiven() {
        return admitted.future().succeeded();
    }

    /** The node once it is admitted; waits for a connect under way, fails with {@code Unavailable} without one. */
    Future<LightningNode> soon() {
        return admitted.future();
    }

    /** The node if it is admitted; fails with {@code Unavailable} otherwise. */
    Future<LightningNode> now() {
        Future<LightningNode> given = admitted.future();
        return given.isComplete() ? given : Future.failedFuture(failure("The Lightning node is not connected yet"));
    }

    private static Throwable failure(String why) {
        return new Failure.Unavailable("lightning-not-connected", why, 1).exception();
    }
}
