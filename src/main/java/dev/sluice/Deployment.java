package dev.sluice;

import dev.sluice.config.SluiceConfig;
import dev.sluice.db.Lease;
import dev.sluice.identity.IdentityAdmin;
import dev.sluice.identity.IdentityService;
import dev.sluice.ops.Foundation;
import dev.sluice.ops.KeyAdmin;
import dev.sluice.ops.Program;
import dev.sluice.ops.UserAdmin;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts the gateway once it is this process's turn: one process at a time drives the nodes of a database, others wait
 * as standbys. A process that lost its turn ends itself; what it still tries to write is refused by the lease.
 */
final class Deployment implements Program {
    private static final Logger log = LoggerFactory.getLogger(Deployment.class);
    /** A standby takes over this long after the process before it died. */
    private static final Duration TERM = Duration.ofSeconds(10);

    private static final long STANDBY_LOOK_MS = 1_000;

    @Override
    public Future<Void> start(Foundation foundation) {
        return forfeitOfTheDead(foundation)
                .compose(freed -> turn(foundation, true))
                .compose(lease -> {
                    foundation.shutdown().started("turn", lease::release);
                    return new Gateway(foundation, lease).start();
                });
    }

    @Override
    public UserAdmin users(Foundation foundation) {
        return new CommandAdmin(identity(foundation));
    }

    @Override
    public KeyAdmin keys(Foundation foundation) {
        return new CommandAdmin(identity(foundation));
    }

    private static IdentityAdmin identity(Foundation f) {
        return new IdentityService(f.vertx(), f.db(), f.events(), f.clock(), f.entropy()).admin();
    }

    /** The embedded database belongs to who locked its folder: a turn still noted there is that of a killed process. */
    private static Future<Void> forfeitOfTheDead(Foundation foundation) {
        return foundation.config().database().mode() == SluiceConfig.Database.Mode.EMBEDDED
                ? foundation.leases().forfeit(Foundation.TURN)
                : Future.succeededFuture();
    }

    private Future<Lease> turn(Foundation foundation, boolean first) {
        return foundation.leases().acquire(Foundation.TURN, TERM, () -> lost(foundation)).compose(taken -> {
            if (taken.isPresent()) {
                return Future.succeededFuture(taken.get());
            }
            if (first) {
                log.info("standby another process drives this database");
            }
            return pause(foundation).compose(rested -> turn(foundation, false));
        });
    }

    private static void lost(Foundation foundation) {
        log.error("turn.lost another process may drive the nodes now; this one ends");
        Thread.ofPlatform().name("sluice-turn-lost").start(() -> {
            foundation.shutdown().stop();
            Runtime.getRuntime().halt(1);
        });
    }

    private static Future<Void> pause(Foundation foundation) {
        Promise<Void> rested = Promise.promise();
        foundation.vertx().setTimer(STANDBY_LOOK_MS, tick -> rested.complete());
        return rested.future();
    }
}
