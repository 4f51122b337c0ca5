package dev.sluice.http;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.openapi.contract.OpenAPIContract;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ContractTest {
    private static final ServerStatus.Info INFO = new ServerStatus.Info(
            Optional.empty(),
            List.of("BTC-CHAIN"),
            List.of(new ServerStatus.Sync("BTC-CHAIN", true, 10, 10, new ServerStatus.Node(10, 10, BigDecimal.ONE))));

    /** Media types that OpenAPI knows and the library that reads it here does not. */
    private static final Pattern UNREADABLE =
            Pattern.compile("\"(text/(csv|event-stream|html)|application/x-www-form-urlencoded)\":");

    private final Contract contract = Contract.load();

    @Test
    void everyRouteOfThisPackageIsDescribed() {
        RouteTable table = new RouteTable();
        new ServerRoutes(() -> Future.succeededFuture(INFO), "0.1.0").mount(table);
        assertThat(table.operations()).isSubsetOf(contract.operations());
    }

    @Test
    void driftIsFoundInBothDirections() {
        Set<String> same = contract.operations();
        ContractDrift.assertNone(contract, same, Set.of());
        Set<String> more = new TreeSet<>(same);
        more.add("GET /api/v1/undescribed");
        assertThatThrownBy(() -> ContractDrift.assertNone(contract, more, Set.of()))
                .isInstanceOf(AssertionError.class);
        Set<String> less = same.stream().skip(1).collect(Collectors.toSet());
        assertThatThrownBy(() -> ContractDrift.assertNone(contract, less, Set.of()))
                .isInstanceOf(AssertionError.class);
    }

    @Test
    void theDocumentIsValidOpenApi() {
        Vertx vertx = Vertx.vertx();
        try {
            JsonObject document =
                    new JsonObject(UNREADABLE.matcher(contract.json()).replaceAll("\"text/plain\":"));
            OpenAPIContract parsed = await(OpenAPIContract.from(vertx, document));
            assertThat(parsed.operations()).hasSameSizeAs(contract.operations());
        } finally {
            await(vertx.close());
        }
    }

    @Test
    void serverInfoIsComparableWithBtcpay() {
        RouteTable table = new RouteTable();
        new ServerRoutes(() -> Future.succeededFuture(INFO), "0.1.0").mount(table);
        JsonObject info = ask(table, "server", "info");
        assertThat(info.getString("version")).matches("2\\.\\d+\\.\\d+");
        assertThat(info.getString("sluiceVersion")).isEqualTo("0.1.0");
        assertThat(info.getBoolean("fullySynched")).isTrue();
        assertThat(info.getJsonArray("syncStatus")
                        .getJsonObject(0)
                        .getJsonObject("nodeInformation")
                        .getInteger("blocks"))
                .isEqualTo(10);
        assertThat(ask(table, "health")).isEqualTo(new JsonObject().put("synchronized", true));
    }

    private static JsonObject ask(RouteTable table, String... path) {
        List<String> segments = new ArrayList<>(List.of("api", "v1"));
        segments.addAll(List.of(path));
        RouteTable.Route route = table.find(segments).methods().get(HttpMethod.GET);
        return new JsonObject(await(route.handler().apply(null)).body());
    }
}
