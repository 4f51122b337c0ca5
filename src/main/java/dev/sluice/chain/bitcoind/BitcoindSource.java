package dev.sluice.chain.bitcoind;

import dev.sluice.chain.ChainSource;
import dev.sluice.kernel.Failure;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A bitcoind, 22 or later, pruned or not, with or without a transaction index. Needs no wallet in the node. */
public final class BitcoindSource implements ChainSource {
    /** rpc/protocol.h: no such block or transaction. */
    private static final int NOT_FOUND = -5;
    /** rpc/protocol.h: height out of range. */
    private static final int BAD_PARAMETER = -8;
    /** rpc/protocol.h: the transaction is in the chain already. */
    private static final int IN_CHAIN = -27;

    private static final Set<String> KNOWN = Set.of("txn-already-in-mempool", "txn-already-known");
    /** Satoshi in a bitcoin, which is how the node states fee rates per 1,000 vbytes. */
    private static final BigDecimal SAT_PER_BTC = BigDecimal.valueOf(100_000_000);
    /** Fee rates above one bitcoin per 1,000 vbytes are nonsense. */
    private static final BigDecimal FEE_MAX_BTC = BigDecimal.ONE;

    private final Vertx vertx;
    private final RpcClient rpc;
    private final List<Runnable> hints = new CopyOnWriteArrayList<>();
    private final @Nullable ZmqHints zmq;
    private volatile @Nullable String genesis;

    public BitcoindSource(Vertx vertx, BitcoindConfig config) {
        this.vertx = vertx;
        this.rpc = new RpcClient(vertx, config);
        this.zmq = config.zmq().isEmpty() ? null : new ZmqHints(config.zmq(), () -> hints.forEach(Runnable::run));
    }

    @Override
    public Future<Status> status() {
        return answer(genesis()
                .compose(first -> object("getblockchaininfo")
                        .map(info -> new Status(
                                info.getString("chain"),
                                info.getInteger("blocks"),
                                info.getString("bestblockhash"),
                                !info.getBoolean("initialblockdownload"),
                                info.getInteger("headers"),
                                first))));
    }

    private Future<String> genesis() {
        String known = genesis;
        return known != null
                ? Future.succeededFuture(known)
                : rpc.call("getblockhash", 0).map(hash -> genesis = (String) Objects.requireNonNull(hash));
    }

    @Override
    public Future<@Nullable String> hashAt(int height) {
        return answer(orNull(rpc.call("getblockhash", height).map(String.class::cast), BAD_PARAMETER));
    }

    @Override
    public Future<Header> header(String hash) {
        return answer(object("getblockheader", hash)
                .map(header -> new Header(
                        header.getString("hash"),
                        header.getString("previousblockhash"),
                        header.getInteger("height"),
                        header.getLong("time"),
                        header.getLong("mediantime"),
                        header.getInteger("confirmations") >= 0)));
    }

    /** Four million characters of hexadecimal: decoded off the event loop, without a JSON tree. */
    @Override
    public Future<Buffer> block(String hash) {
        return answer(
                rpc.raw("getblock", hash, 0).compose(body -> vertx.executeBlocking(() -> RawResult.hex(body), false)));
    }

    @Override
    public Future<List<String>> mempool() {
        return answer(rpc.raw("getrawmempool")
                .compose(body -> vertx.executeBlocking(
                        () -> body.toJsonObject().getJsonArray("result").stream()
                                .map(String.class::cast)
                                .toList(),
                        false)));
    }

    /** Asked with its details because a node with a transaction index also knows confirmed ones. */
    @Override
    public Future<@Nullable Buffer> mempoolTransaction(String txid) {
        Future<@Nullable JsonObject> found = orNull(object("getrawtransaction", txid, true), NOT_FOUND);
        return answer(found.map(transaction -> transaction == null || transaction.containsKey("blockhash")
                ? null
                : Buffer.buffer(HexFormat.of().parseHex(transaction.getString("hex")))));
    }

    @Override
    public Future<String> broadcast(Buffer transaction) {
        String hex = HexFormat.of().formatHex(transaction.getBytes());
        return rpc.call("sendrawtransaction", hex)
                .map(String.class::cast)
                .recover(failure -> failure instanceof RpcClient.RpcException refused
                        ? afterRefusal(refused, hex)
                        : Future.failedFuture(failure));
    }

    private Future<String> afterRefusal(RpcClient.RpcException refused, String hex) {
        boolean known = refused.code() == IN_CHAIN || KNOWN.contains(String.valueOf(refused.getMessage()));
        return known
                ? answer(object("decoderawtransaction", hex).map(decoded -> decoded.getString("txid")))
                : Future.failedFuture(new Failure.Rejected(
                                "transaction-rejected",
                                "The bitcoin node refuses the transaction: " + refused.getMessage())
                        .exception());
    }

    @Override
    public Future<@Nullable Long> feeRateSatPerKvb(int blocks) {
        return answer(object("estimatesmartfee", blocks).map(estimate -> satPerKvb(estimate.getValue("feerate"))));
    }

    /** Null where there is no estimate (none, -1, or out of all reason). */
    static @Nullable Long satPerKvb(@Nullable Object btcPerKvb) {
        if (!(btcPerKvb instanceof Number number)) {
            return null;
        }
        BigDecimal rate = new BigDecimal(number.toString());
        return rate.signum() > 0 && rate.compareTo(FEE_MAX_BTC) <= 0
                ? rate.multiply(SAT_PER_BTC).longValue()
                : null;
    }

    @Override
    public void onHint(Runnable hint) {
        hints.add(hint);
    }

    @Override
    public void close() {
        if (zmq != null) {
            zmq.close();
        }
        rpc.close();
    }

    private Future<JsonObject> object(String method, Object... params) {
        return rpc.call(method, params).map(result -> (JsonObject) Objects.requireNonNull(result));
    }

    private static <T> Future<@Nullable T> orNull(Future<T> asked, int absent) {
        return asked.recover(failure -> failure instanceof RpcClient.RpcException refused && refused.code() == absent
                ? Future.succeededFuture()
                : Future.failedFuture(failure));
    }

    /** A question that the node refused to answer was not answered: nothing follows from it. */
    private static <T extends @Nullable Object> Future<T> answer(Future<T> asked) {
        return asked.recover(failure -> Future.failedFuture(
                failure instanceof dev.sluice.kernel.FailureException
                        ? failure
                        : RpcClient.unavailable("The bitcoin node cannot answer: " + reason(failure))));
    }

    private static String reason(Throwable failure) {
        return failure instanceof RpcClient.RpcException refused ? "error " + refused.code() : "unexpected answer";
    }
}
