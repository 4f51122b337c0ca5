package dev.sluice.lightning;

import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.db.TestDatabase.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.db.TestDatabase;
import dev.sluice.it.InProcessGateway;
import dev.sluice.lightning.lnd.LndChannels;
import dev.sluice.lightning.lnd.LndNode;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Where nodes that store owners name may be. */
class StoreNodeAddressTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    private static String at(String address) {
        return "type=lnd-grpc;server=https://" + address + ";macaroon=0201;certthumbprint=" + "ab".repeat(32);
    }

    @Test
    void ownerCannotNameAnAddressOfThePrivateNetwork() {
        try (InProcessGateway gateway = InProcessGateway.start(DATABASE)) {
            String key = gateway.tenant("mallory");
            String store = gateway.store(key);
            for (String address : new String[] {"127.0.0.1:10009", "10.0.0.7", "169.254.169.254:80", "[::1]:10009"}) {
                HttpResponse<Buffer> refused = gateway.ask(
                        "PUT /api/v1/stores/" + store + "/payment-methods/BTC-LN",
                        key,
                        new JsonObject().put("config", new JsonObject().put("connectionString", at(address))));
                assertThat(refused.statusCode()).as(address).isEqualTo(422);
                assertThat(refused.bodyAsString()).contains("not public");
            }
        }
    }

    /** A name may resolve to a public address when it is given and to a private one later. */
    @Test
    void refusedAddressIsNotEvenConnectedTo() throws IOException {
        try (LndChannels channels = new LndChannels();
                ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            server.setSoTimeout(1);
            ConnectionString.Lnd target = ConnectionString.parse(at("127.0.0.1:" + server.getLocalPort()));
            LightningNode node =
                    await(LndNode.open(DATABASE.vertx(), channels.to(address -> false), target, "regtest"));
            assertThat(failure(node.info())).hasMessageContaining("lightning-unavailable");
            node.close();
            assertThatThrownBy(server::accept).isInstanceOf(SocketTimeoutException.class);
        }
    }
}
