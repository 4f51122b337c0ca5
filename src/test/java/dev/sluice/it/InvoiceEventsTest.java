package dev.sluice.it;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Tuple;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A checkout page that listens to its invoice is never left with what was true before. */
class InvoiceEventsTest {
    @RegisterExtension
    static final OpenGateway OPEN = new OpenGateway();

    /** Longer than the event log is read, shorter than a heartbeat. */
    private static final Duration SOON = Duration.ofSeconds(10);

    private static BufferedReader listen(String invoice) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(OPEN.gateway().url("/i/" + invoice + "/events")))
                .build();
        HttpResponse<InputStream> answer =
                HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofInputStream());
        assertThat(answer.statusCode()).isEqualTo(200);
        BufferedReader lines = new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8));
        String line = lines.readLine();
        while (!line.startsWith("data: ")) {
            line = lines.readLine();
        }
        return lines;
    }

    @Test
    void listenerIsSentAwayToComeAgainWhereAChangeCannotBeRead() throws IOException, InterruptedException {
        InProcessGateway gateway = OPEN.gateway();
        String store = gateway.store();
        String invoice = gateway.made(
                "/api/v1/stores/" + store + "/invoices",
                new JsonObject().put("amount", "5.00").put("currency", "USD"));
        try (BufferedReader lines = listen(invoice)) {
            await(OPEN.db().write("alter table invoice_prompt rename to invoice_prompt_away", Tuple.tuple()));
            String changed = "insert into event (at, kind, store_id, subject, version, body)"
                    + " values (now(), 'invoice.changed', $1, $2, 1000, '{}')";
            await(OPEN.db().write(changed, Tuple.of(store, "invoice:" + invoice)));
            assertTimeoutPreemptively(SOON, () -> {
                while (lines.readLine() != null) {
                    // what else was sent before the end
                }
            });
        } finally {
            await(OPEN.db().write("alter table invoice_prompt_away rename to invoice_prompt", Tuple.tuple()));
        }
        listen(invoice).close();
    }
}
