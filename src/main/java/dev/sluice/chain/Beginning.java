package dev.sluice.chain;

import dev.sluice.kernel.Failure;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where to begin with a chain that was never followed: at its tip, as the past holds nothing of ours; or, where
 * addresses were handed out before the node was ever read, below every block that may pay one of them.
 */
final class Beginning {
    private static final Logger log = LoggerFactory.getLogger(Beginning.class);
    /** Four weeks, read in some minutes. Addresses that wait longer for their first block are for a person to check. */
    static final int BLOCKS_MAX = 4_032;
    /** By how much clocks may differ, those of miners included, who may be two hours ahead. */
    static final Duration MARGIN = Duration.ofDays(1);
    /** BIP 113: a block's median time is that of eleven blocks, so after a pause it lags by some of them. */
    private static final int MEDIAN_BLOCKS = 11;

    private final ChainSource source;
    private final Optional<Instant> firstReserved;

    private Beginning(ChainSource source, Optional<Instant> firstReserved) {
        this.source = source;
        this.firstReserved = firstReserved;
    }

    /** The hash of the block that counts as read. */
    static Future<String> find(ChainSource source, ChainRepository repository, ChainSource.Status status) {
        return repository.firstReserved().compose(reserved -> new Beginning(source, reserved).find(status));
    }

    private Future<String> find(ChainSource.Status status) {
        if (firstReserved.isEmpty()) {
            return Future.succeededFuture(status.tipHash());
        }
        Instant before = firstReserved.get().minus(MARGIN);
        int lowest = Math.max(0, status.height() - BLOCKS_MAX);
        return highest(before.getEpochSecond(), lowest, status.height()).compose(height -> {
            if (height == lowest && lowest > 0) {
                log.error("chain.started.late height={} reserved={}", lowest, firstReserved.get());
            }
            return hash(Math.max(lowest, height - MEDIAN_BLOCKS));
        });
    }

    /** Height of the highest block up to a median time, which never falls; {@code low} where there is none above it. */
    private Future<Integer> highest(long medianTime, int low, int high) {
        if (low == high) {
            return Future.succeededFuture(low);
        }
        int middle = low + (high - low + 1) / 2;
        return hash(middle)
                .compose(source::header)
                .compose(header -> header.medianTime() <= medianTime
                        ? highest(medianTime, middle, high)
                        : highest(medianTime, low, middle - 1));
    }

    private Future<String> hash(int height) {
        return source.hashAt(height)
                .compose(hash -> hash == null
                        ? Future.failedFuture(
                                new Failure.Unavailable("chain-moved", "The chain moved meanwhile", 1).exception())
                        : Future.succeededFuture(hash));
    }
}
