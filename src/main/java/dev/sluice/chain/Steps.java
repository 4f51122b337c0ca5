package dev.sluice.chain;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.function.Supplier;

/**
 * Takes one step after the other. Futures that are composed to a chain nest as deep as it is long, and when the last
 * ends all end on one stack: some thousand overflow it, and then nobody hears of the end.
 */
final class Steps {
    private final Supplier<Future<Boolean>> step;
    private final Promise<Void> end = Promise.promise();

    private Steps(Supplier<Future<Boolean>> step) {
        this.step = step;
    }

    /** Takes steps until one says that there is no other, or fails. */
    static Future<Void> whileMore(Supplier<Future<Boolean>> step) {
        Steps steps = new Steps(step);
        steps.go();
        return steps.end.future();
    }

    private void go() {
        Future<Boolean> taken = take();
        while (taken.succeeded() && taken.result()) { // a step that need not wait does not nest either
            taken = take();
        }
        taken.onFailure(end::fail).onSuccess(more -> {
            if (more) {
                go();
            } else {
                end.complete();
            }
        });
    }

    /** What a step throws is a failure too: somebody waits. */
    private Future<Boolean> take() {
        return Future.succeededFuture().compose(go -> step.get());
    }
}
