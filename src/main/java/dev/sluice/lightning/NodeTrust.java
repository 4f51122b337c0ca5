package dev.sluice.lightning;

import dev.sluice.kernel.Failure;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

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

    /** Asks the node if it is admitted; fails with {@code Unavailable} otherwise. */
    <T extends @Nullable Object> Future<T> ask(Function<LightningNode, Future<T>> question) {
        Promise<LightningNode> mine = admitted;
        return mine.future().isComplete()
                ? standing(mine, mine.future().compose(question))
                : Future.failedFuture(failure("The Lightning node is not connected yet"));
    }

    /** Likewise, but a connect under way is waited for: a {@code TimeoutException} after {@code waitMs}. */
    <T extends @Nullable Object> Future<T> askSoon(long waitMs, Function<LightningNode, Future<T>> question) {
        Promise<LightningNode> mine = admitted;
        return standing(
                mine,
                mine.future()
                        .timeout(waitMs, TimeUnit.MILLISECONDS) // who gave up waiting does not ask afterwards
                        .compose(question));
    }

    /** A call that outlives its connection may have been answered by whoever listens there now. */
    private <T extends @Nullable Object> Future<T> standing(Promise<LightningNode> mine, Future<T> answer) {
        return answer.compose(said -> mine == admitted
                ? Future.succeededFuture(said)
                : Future.failedFuture(failure("The Lightning node was lost before it answered")));
    }

    private static Throwable failure(String why) {
        return new Failure.Unavailable("lightning-not-connected", why, 1).exception();
    }
}
