package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.db.TestDatabase;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a running gateway tells of itself, against what the operator's handbook says it tells. */
class GatewayMetersTest {
    private static final Pattern NAME =
            Pattern.compile("^(sluice_[a-z_]+?)(_bucket|_sum|_count|_max)?[{ ]", Pattern.MULTILINE);

    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    @Test
    void metersTellOfInvoicesNodesAndBooksAndAreAllInTheHandbook() throws IOException {
        try (InProcessGateway gateway = InProcessGateway.start(DATABASE)) {
            String store = gateway.store();
            InProcessGateway.ok(gateway.ask(
                    "POST /api/v1/stores/" + store + "/invoices",
                    gateway.admin(),
                    new JsonObject().put("amount", "3").put("currency", "USD")));
            String text = Eventually.get(
                    "meters",
                    gateway::metrics,
                    seen -> seen.contains("sluice_invoice_events_total{kind=\"InvoiceCreated\"} 1.0"));
            assertThat(text)
                    .doesNotContainPattern("sluice_ledger_proof_age_seconds .*E") // no proof yet is no old proof
                    .contains("sluice_lightning_up_bool 1")
                    .contains("sluice_chain_tip_height")
                    .contains("sluice_streams_set_aside_count")
                    .contains("sluice_http_requests_total{status=\"2xx\"}")
                    .doesNotContain(store);
            String handbook = Files.readString(Path.of("docs", "OPERATIONS.md"));
            assertThat(names(text)).allSatisfy(name -> assertThat(handbook).contains(name));
        }
    }

    private static Set<String> names(String text) {
        Set<String> names = new TreeSet<>();
        Matcher matcher = NAME.matcher(text);
        while (matcher.find()) {
            boolean ownCount = matcher.group(1).endsWith("_seconds");
            String suffix = matcher.group(2) == null || ownCount ? "" : matcher.group(2);
            names.add(suffix.equals("_max") ? matcher.group(1) : matcher.group(1) + suffix);
        }
        return names;
    }
}
