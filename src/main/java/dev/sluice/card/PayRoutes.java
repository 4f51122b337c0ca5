package dev.sluice.card;

import dev.sluice.http.Access;
import dev.sluice.http.Api;
import dev.sluice.http.Call;
import dev.sluice.http.Routes;
import dev.sluice.kernel.Msat;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Locale;
import java.util.Optional;

/** What wallets ask that load a card: LNURL-pay (LUD-06), Lightning address (LUD-16), verify (LUD-21). */
final class PayRoutes implements Routes {
    static final String TOP_UP = "/boltcard/top-up";

    private final TopUpService topUps;

    PayRoutes(TopUpService topUps) {
        this.topUps = topUps;
    }

    @Override
    public void mount(Api api) {
        api.get(TOP_UP, Access.ANYONE_MAKES, LnurlCalls.guarded(this::byLink));
        api.get("/.well-known/lnurlp/{handle}", Access.ANYONE, LnurlCalls.guarded(this::ofAddress));
        api.get("/lnurlp/{handle}/callback", Access.ANYONE_MAKES, LnurlCalls.guarded(this::byHandle));
        api.get("/lnurlp/verify/{hash}", Access.ANYONE, LnurlCalls.guarded(this::verify));
    }

    /** One path for both requests: with {@code amount} it is the second. */
    private Future<JsonObject> byLink(Call call) {
        String p = LnurlCalls.one(call, "p").orElse("").toLowerCase(Locale.ROOT);
        String callback = CardFeature.topUpLink(call.publicUrl(), p);
        return topUps.byLink(p).compose(card -> answer(call, card, callback, TopUpService.metadata()));
    }

    private Future<JsonObject> byHandle(Call call) {
        String handle = call.path("handle").toLowerCase(Locale.ROOT);
        return topUps.byHandle(handle)
                .compose(card -> answer(call, card, callback(call, handle), metadata(call, handle)));
    }

    /** What a Lightning address is; makes nothing, whatever is asked beside it. */
    private Future<JsonObject> ofAddress(Call call) {
        String handle = call.path("handle").toLowerCase(Locale.ROOT);
        return topUps.byHandle(handle).compose(card -> offer(card, callback(call, handle), metadata(call, handle)));
    }

    private static String callback(Call call, String handle) {
        return call.publicUrl() + "/lnurlp/" + handle + "/callback";
    }

    private static String metadata(Call call, String handle) {
        return TopUpService.metadata(CardFeature.lightningAddress(call.publicUrl(), handle));
    }

    private Future<JsonObject> offer(TopUpService.Loadable card, String callback, String metadata) {
        return topUps.least(card.terms())
                .map(least -> new JsonObject()
                        .put("tag", "payRequest")
                        .put("callback", callback)
                        .put("minSendable", least.value())
                        .put("maxSendable", TopUpService.MAX.value())
                        .put("metadata", metadata));
    }

    private Future<JsonObject> answer(Call call, TopUpService.Loadable card, String callback, String metadata) {
        Optional<String> amount = LnurlCalls.one(call, "amount");
        if (amount.isEmpty()) {
            return offer(card, callback, metadata);
        }
        long msat = amount.get().matches("[0-9]{1,15}") ? Long.parseLong(amount.get()) : 0;
        return topUps.offer(card, new Msat(msat), metadata)
                .map(offer -> new JsonObject()
                        .put("pr", offer.bolt11())
                        .put("routes", new JsonArray())
                        .put("disposable", false)
                        .put(
                                "verify",
                                call.publicUrl() + "/lnurlp/verify/"
                                        + offer.hash().hex()));
    }

    private Future<JsonObject> verify(Call call) {
        return topUps.find(call.path("hash"))
                .map(found -> found.map(topUp -> new JsonObject()
                                .put("status", "OK")
                                .put("settled", topUp.isPaid())
                                .put(
                                        "preimage",
                                        topUp.isPaid() ? topUp.preimage().hex() : null)
                                .put("pr", topUp.bolt11()))
                        .orElseGet(() -> new JsonObject().put("status", "ERROR").put("reason", "Not found")));
    }
}
