package dev.sluice.it;

import dev.sluice.db.Db;
import dev.sluice.db.TestDatabase;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A gateway with a database and a store of its own, for one test class. Register it as a static field. */
final class OpenGateway implements BeforeAllCallback, AfterAllCallback {
    private final TestDatabase database = new TestDatabase();
    private InProcessGateway gateway;

    @Override
    public void beforeAll(ExtensionContext context) {
        database.beforeAll(context);
        gateway = InProcessGateway.start(database);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        gateway.close();
        database.afterAll(context);
    }

    Db db() {
        return database.db();
    }

    InProcessGateway gateway() {
        return gateway;
    }
}
