package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.http.Contract;
import dev.sluice.http.ContractDrift;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ContractOfTheGatewayTest {
    @RegisterExtension
    static final OpenGateway OPEN = new OpenGateway();

    private static final Contract CONTRACT = Contract.load();

    private static InProcessGateway gateway;

    @BeforeAll
    static void start() {
        gateway = OPEN.gateway();
    }

    /** Operations that the contract counts among the pages. */
    private static Set<String> pages() {
        Set<String> pages = new TreeSet<>();
        JsonObject paths = new JsonObject(CONTRACT.json()).getJsonObject("paths");
        paths.fieldNames()
                .forEach(path -> paths.getJsonObject(path).forEach(entry -> {
                    boolean page = entry.getValue() instanceof JsonObject operation
                            && operation.getJsonArray("tags").contains("Pages");
                    if (page) {
                        pages.add(entry.getKey().toUpperCase(Locale.ROOT) + " " + path);
                    }
                }));
        return pages;
    }

    @Test
    void everyRouteIsDescribedAndEveryDescriptionIsServed() {
        ContractDrift.assertNone(CONTRACT, gateway.operations(), pages());
    }

    /** A path that nobody serves is answered with 404; a stream and a socket, which do not end, are tested apart. */
    @Test
    void everyPageOfTheContractIsServed() {
        JsonObject wanted = new JsonObject().put("amount", "1.00");
        String invoice = gateway.made("/api/v1/stores/" + gateway.store() + "/invoices", wanted);
        Set<String> pages = pages();
        assertThat(pages).contains("GET /i/{invoiceId}/status", "GET /i/{invoiceId}/events", "POST /boltcards/freeze");
        pages.removeIf(page -> page.endsWith("/events") || page.endsWith("/ws"));
        for (String page : pages) {
            HttpResponse<Buffer> answer = gateway.ask(page.replace("{invoiceId}", invoice), null, null);
            assertThat(answer.statusCode()).as(page).isNotEqualTo(404);
        }
    }

    @Test
    void statusOfAnInvoiceIsWhatItsSchemaSays() {
        JsonObject wanted = new JsonObject().put("amount", "1.00");
        String invoice = gateway.made("/api/v1/stores/" + gateway.store() + "/invoices", wanted);
        JsonObject answer = InProcessGateway.ok(gateway.ask("GET /i/" + invoice + "/status", null, null))
                .bodyAsJsonObject();
        JsonObject schema = new JsonObject(CONTRACT.json())
                .getJsonObject("components")
                .getJsonObject("schemas")
                .getJsonObject("InvoiceStatusPage")
                .getJsonObject("properties");
        assertThat(answer.fieldNames()).isEqualTo(schema.fieldNames());
        JsonObject method = answer.getJsonArray("paymentMethods").getJsonObject(0);
        assertThat(method.fieldNames())
                .isEqualTo(schema.getJsonObject("paymentMethods")
                        .getJsonObject("items")
                        .getJsonObject("properties")
                        .fieldNames());
    }
}
