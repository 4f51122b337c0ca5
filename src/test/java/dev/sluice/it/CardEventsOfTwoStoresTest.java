package dev.sluice.it;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A charge at a merchant's till is one event that two stores hear: the issuer with the card it was, the merchant
 * without, each once, whichever way it listens.
 */
class CardEventsOfTwoStoresTest {
    @RegisterExtension
    static final OpenCardShop OPEN = new OpenCardShop();

    private static final String CHARGED = "card.charged";
    private static final Set<String> ISSUERS_ALONE = Set.of("cardId", "programmeId");

    private static CardShop issuer;
    private static Merchant merchant;

    @BeforeAll
    static void open() {
        issuer = OPEN.shop();
        merchant = Merchant.open(OPEN.gateway());
    }

    @Test
    void issuerHearsWhichCardItWasAndTheMerchantDoesNot() {
        String other = OPEN.gateway().store(OPEN.gateway().admin());
        try (WebhookSink toIssuer = new WebhookSink();
                WebhookSink toMerchant = new WebhookSink();
                WebhookSink toOther = new WebhookSink()) {
            List<String> endpoints = List.of(
                    subscribe(issuer.store(), toIssuer),
                    subscribe(merchant.store(), toMerchant),
                    subscribe(other, toOther));
            CardShop.Held card = charged();

            assertToldTheIssuer(only(toIssuer, "at the issuer's endpoint"), card);
            assertToldTheMerchant(only(toMerchant, "at the merchant's endpoint"));
            assertToldTheIssuer(newest(issuer.store()), card);
            assertToldTheMerchant(newest(merchant.store()));
            assertThat(events(other)).isEmpty();
            assertThat(toOther.all()).isEmpty();
            // Rows of all endpoints were written together: what is not there by now does not come.
            assertThat(endpoints.stream().map(CardEventsOfTwoStoresTest::deliveries))
                    .containsExactly(1, 1, 0);
        }
    }

    @Test
    void endpointThatComesLaterIsToldTheSameByAReplay() {
        long from = Instant.now().getEpochSecond() - 1;
        CardShop.Held card = charged();
        String charge = newest(issuer.store()).getString("chargeId");
        try (WebhookSink toIssuer = new WebhookSink();
                WebhookSink toMerchant = new WebhookSink()) {
            for (String endpoint :
                    List.of(subscribe(issuer.store(), toIssuer), subscribe(merchant.store(), toMerchant))) {
                JsonObject range = new JsonObject()
                        .put("from", from)
                        .put("to", Instant.now().getEpochSecond() + 1);
                OPEN.gateway().post(endpoint + "/replay", range);
            }
            assertToldTheIssuer(of(toIssuer, charge), card);
            assertToldTheMerchant(of(toMerchant, charge));
        }
    }

    @Test
    void storeThatChargesItsOwnCardHearsOfItOnce() {
        CardShop.Held card = issuer.card(issuer.programme(new JsonObject()), "100");
        try (WebhookSink sink = new WebhookSink()) {
            subscribe(issuer.store(), sink);
            issuer.charge(card.tap(), "10");
            assertToldTheIssuer(only(sink, "at the only endpoint"), card);
        }
    }

    /** A card of the issuer whose tap paid at the merchant's till. */
    private static CardShop.Held charged() {
        CardShop.Held card = issuer.card(issuer.programme(new JsonObject()), "100");
        assertThat(merchant.charge(card.tap(), "10").getBoolean("approved")).isTrue();
        return card;
    }

    private static void assertToldTheIssuer(JsonObject facts, CardShop.Held card) {
        assertThat(facts.getString("cardId")).isEqualTo(card.id());
        assertThat(facts.fieldNames()).containsAll(ISSUERS_ALONE).contains("chargeId", "amount", "terminalId");
    }

    private static void assertToldTheMerchant(JsonObject facts) {
        assertThat(facts.fieldNames())
                .contains("chargeId", "amount", "terminalId")
                .doesNotContainAnyElementsOf(ISSUERS_ALONE);
        assertThat(facts.getString("terminalId")).isEqualTo(merchant.till());
    }

    /** The one charge that was delivered. */
    private static JsonObject only(WebhookSink sink, String where) {
        List<WebhookSink.Arrival> charges = Eventually.get(where, () -> charges(sink), seen -> !seen.isEmpty());
        assertThat(charges).hasSize(1);
        return charges.getFirst().body();
    }

    private static JsonObject of(WebhookSink sink, String charge) {
        return Eventually.get(
                        "charge " + charge,
                        () -> charges(sink).stream()
                                .map(WebhookSink.Arrival::body)
                                .filter(body -> charge.equals(body.getString("chargeId")))
                                .toList(),
                        seen -> seen.size() == 1)
                .getFirst();
    }

    private static List<WebhookSink.Arrival> charges(WebhookSink sink) {
        return sink.all().stream()
                .filter(arrival -> arrival.kind().equals(CHARGED))
                .toList();
    }

    private static JsonObject newest(String store) {
        return events(store).stream()
                .map(JsonObject.class::cast)
                .filter(event -> event.getString("type").equals(CHARGED))
                .reduce((earlier, later) -> later)
                .orElseThrow()
                .getJsonObject("data");
    }

    private static JsonArray events(String store) {
        return InProcessGateway.ok(OPEN.gateway()
                        .ask(
                                "GET /api/v1/stores/" + store + "/cards/events?after=0-0",
                                OPEN.gateway().admin(),
                                null))
                .bodyAsJsonObject()
                .getJsonArray("events");
    }

    /** The path of an endpoint that is told everything. */
    private static String subscribe(String store, WebhookSink sink) {
        String webhooks = "/api/v1/stores/" + store + "/webhooks";
        JsonObject everything = new JsonObject().put("everything", true);
        return webhooks + "/"
                + OPEN.gateway()
                        .made(webhooks, new JsonObject().put("url", sink.url()).put("authorizedEvents", everything));
    }

    /** How many charges an endpoint was to hear of. */
    private static int deliveries(String endpoint) {
        String webhook = endpoint.substring(endpoint.lastIndexOf('/') + 1);
        String query = "select count(*)::int from webhook_delivery where kind = $1 and webhook_id = $2";
        return await(OPEN.database().db().read(query, CHARGED, webhook))
                .iterator()
                .next()
                .getInteger(0);
    }
}
