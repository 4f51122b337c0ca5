package dev.sluice.it;

import io.vertx.core.json.JsonObject;

/** A store that issues no cards and has a till that takes them. */
record Merchant(InProcessGateway gateway, String store, String till) {
    static Merchant open(InProcessGateway gateway) {
        String store = gateway.store(gateway.admin());
        String tills = "/api/v1/stores/" + store + "/terminals";
        return new Merchant(gateway, store, gateway.made(tills, new JsonObject().put("name", "Till")));
    }

    /** Asks for satoshi; the whole answer. */
    JsonObject charge(JsonObject tap, String amount) {
        JsonObject price = new JsonObject().put("currency", "SATS").put("amount", amount);
        return gateway.post("/api/v1/stores/" + store + "/terminals/" + till + "/charges", price.mergeIn(tap));
    }
}
