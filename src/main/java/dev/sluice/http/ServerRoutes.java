package dev.sluice.http;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** Greenfield's health and server info. */
public final class ServerRoutes implements Routes {
    /** The BTCPay version whose API we speak: plugins compare it. */
    private static final String BTCPAY_VERSION = "2.4.2";

    private final ServerStatus status;
    private final String version;

    /**
     * @param version our own
     */
    public ServerRoutes(ServerStatus status, String version) {
        this.status = status;
        this.version = version;
    }

    @Override
    public void mount(Api api) {
        api.get("/api/v1/health", Access.ANYONE, this::health);
        api.get("/api/v1/server/info", Access.AUTHENTICATED, this::info);
    }

    private Future<Reply> health(Call call) {
        return status.info().map(info -> Reply.json(new JsonObject().put("synchronized", info.fullySynched())));
    }

    private Future<Reply> info(Call call) {
        return status.info()
                .map(info -> Reply.json(new JsonObject()
                        .put("version", BTCPAY_VERSION)
                        .put("sluiceVersion", version)
                        .put("onion", info.onion().orElse(null))
                        .put("supportedPaymentMethods", new JsonArray(info.supportedPaymentMethods()))
                        .put("fullySynched", info.fullySynched())
                        .put(
                                "syncStatus",
                                new JsonArray(info.syncStatus().stream()
                                        .map(ServerRoutes::sync)
                                        .toList()))));
    }

    private static JsonObject sync(ServerStatus.Sync sync) {
        ServerStatus.Node node = sync.node();
        return new JsonObject()
                .put("paymentMethodId", sync.paymentMethodId())
                .put("available", sync.available())
                .put("chainHeight", sync.chainHeight())
                .put("syncHeight", sync.syncHeight())
                .put(
                        "nodeInformation",
                        node == null
                                ? null
                                : new JsonObject()
                                        .put("headers", node.headers())
                                        .put("blocks", node.blocks())
                                        .put("verificationProgress", node.verificationProgress()));
    }
}
