package dev.sluice.it;

import static dev.sluice.it.InProcessGateway.ok;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Whoever may create invoices may close them. */
class InvoiceCancelRouteTest {
    @RegisterExtension
    static final OpenGateway OPEN = new OpenGateway();

    private static InProcessGateway gateway;
    private static String store;

    @BeforeAll
    static void start() {
        gateway = OPEN.gateway();
        store = gateway.store();
    }

    private static String invoice() {
        return gateway.made(
                "/api/v1/stores/" + store + "/invoices",
                new JsonObject().put("amount", "5.00").put("currency", "USD"));
    }

    @Test
    void tillClosesWhatItMade() {
        String invoice = invoice();
        String till = gateway.key("btcpay.store.cancreateinvoice:" + store);
        JsonObject closed = ok(gateway.ask("POST /api/v1/invoices/" + invoice + "/cancel", till, null))
                .bodyAsJsonObject();
        assertThat(closed.getString("id")).isEqualTo(invoice);
        assertThat(closed.getString("status")).isEqualTo("Invalid");
        assertThat(closed.getString("additionalStatus")).isEqualTo("Marked");
    }

    @Test
    void whoMayLookMayNotClose() {
        String invoice = invoice();
        String viewer = gateway.key("btcpay.store.canviewinvoices:" + store);
        assertThat(gateway.ask("POST /api/v1/invoices/" + invoice + "/cancel", viewer, null)
                        .statusCode())
                .isEqualTo(403);
        assertThat(ok(gateway.ask("GET /api/v1/invoices/" + invoice, viewer, null))
                        .bodyAsJsonObject()
                        .getString("status"))
                .isEqualTo("New");
    }

    @Test
    void paidInvoiceIsAConflict() {
        String invoice = invoice();
        gateway.post("/api/v1/invoices/" + invoice + "/status", new JsonObject().put("status", "Settled"));
        var answer = gateway.ask("POST /api/v1/invoices/" + invoice + "/cancel", gateway.admin(), null);
        assertThat(answer.statusCode()).isEqualTo(409);
        assertThat(answer.bodyAsJsonObject().getString("code")).isEqualTo("invoice-paid");
    }
}
