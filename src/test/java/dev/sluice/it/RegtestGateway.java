package dev.sluice.it;

import dev.sluice.db.TestDatabase;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A gateway on the real nodes with a shop, for one test class. Register it as a static field after the nodes and the
 * database, with {@code @Order} on all three: it needs what they start.
 */
final class RegtestGateway implements BeforeAllCallback, AfterAllCallback {
    private final Regtest nodes;
    private final TestDatabase database;
    private GatewayProcess process;
    private Shop shop;
    private WebhookSink sink;

    RegtestGateway(Regtest nodes, TestDatabase database) {
        this.nodes = nodes;
        this.database = database;
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        process = new GatewayProcess(database.config(), GatewayProcess.folder(), nodes.gatewaySettings()).start();
        process.awaitReady();
        sink = new WebhookSink();
        shop = new Shop(process, database, sink);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        if (process != null) {
            process.close();
        }
        if (sink != null) {
            sink.close();
        }
    }

    GatewayProcess process() {
        return process;
    }

    Shop shop() {
        return shop;
    }
}
