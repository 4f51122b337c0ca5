package dev.sluice.card;

import io.vertx.core.Future;
import java.util.function.Function;

/** How the cards of a batch of taps are locked. */
enum Care {
    /** A card is what its tap's read found, as long as its row is the same. */
    HOPEFUL,
    /** Cards are read behind the lock. */
    FULL;

    /** Does work that is one transaction; where a card has changed since its tap was read, again with full care. */
    static <T> Future<T> hopefully(Function<Care, Future<T>> work) {
        return work.apply(HOPEFUL)
                .recover(failure ->
                        failure instanceof TapRepository.Changed ? work.apply(FULL) : Future.failedFuture(failure));
    }
}
