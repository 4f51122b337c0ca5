package dev.sluice.it;

import dev.sluice.db.TestDatabase;
import dev.sluice.http.Contract;
import dev.sluice.http.ContractDrift;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ContractOfTheGatewayTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    @Test
    void everyRouteIsDescribedAndEveryDescriptionIsServed() {
        try (InProcessGateway gateway = InProcessGateway.start(DATABASE)) {
            ContractDrift.assertNone(Contract.load(), gateway.operations(), Set.of());
        }
    }
}
