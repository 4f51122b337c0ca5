package dev.sluice;

import static dev.sluice.db.TestDatabase.await;

import dev.sluice.db.Lease;
import dev.sluice.ops.Foundation;
import java.time.Duration;
import java.util.Set;

/** Lets tests of other packages start the whole gateway. */
public final class Assembly {
    private static final Duration TERM = Duration.ofMinutes(1);

    private Assembly() {}

    /** Starts it; the operations it serves. The foundation's shutdown stops it. */
    public static Set<String> start(Foundation foundation) {
        Lease turn =
                await(foundation.leases().acquire("gateway", TERM, () -> {})).orElseThrow();
        foundation.shutdown().started("turn", turn::release);
        Gateway gateway = new Gateway(foundation, turn, new Management(foundation));
        await(gateway.start());
        return gateway.operations();
    }
}
