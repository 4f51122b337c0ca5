package dev.sluice;

import dev.sluice.config.SluiceConfig;
import dev.sluice.identity.IdentityAdmin;
import dev.sluice.identity.IdentityService;
import dev.sluice.ops.Foundation;
import dev.sluice.ops.KeyAdmin;
import dev.sluice.ops.Program;
import dev.sluice.ops.UserAdmin;
import io.vertx.core.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts the gateway once it is this process's turn: one process at a time drives the nodes of a database, others wait
 * as standbys. A process that lost its turn ends itself; what it still tries to write is refused by the lease.
 */
final class Deployment implements Program {
    private static final Logger log = LoggerFactory.getLogger(Deployment.class);

    @Override
    public Future<Void> start(Foundation foundation) {
        Management management = new Management(foundation);
        Standby standby = new Standby(foundation, management, () -> lost(foundation));
        return forfeitOfTheDead(foundation)
                .compose(freed -> standby.turn())
                .compose(lease -> new Gateway(foundation, lease, management).start());
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

    private static void lost(Foundation foundation) {
        log.error("turn.lost another process may drive the nodes now; this one ends");
        Thread.ofPlatform().name("sluice-turn-lost").start(() -> {
            foundation.shutdown().stop();
            Runtime.getRuntime().halt(1);
        });
    }
}
