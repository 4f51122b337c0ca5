package dev.sluice.chain.bitcoind;

import dev.sluice.kernel.Failure;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** JSON-RPC 1.0 over kept connections. What is not an answer of the node is {@code Unavailable}, never an outcome. */
final class RpcClient {
    /** bitcoind serves four calls at a time by default and refuses beyond sixteen waiting. */
    private static final int CONNECTIONS = 4;
    /** A mempool listing of 300,000 transactions asks for this many fetches, a batch at a time. */
    private static final int WAITING_MAX = 4_096;

    private static final int CONNECT_MS = 3_000;
    private static final long DEADLINE_MS = 30_000;
    private static final int WARMING_UP = -28;
    private static final int UNAUTHORIZED = 401;

    private final Vertx vertx;
    private final BitcoindConfig config;
    private final HttpClient http;
    private final long deadlineMs;
    private volatile @Nullable String authorization;

    RpcClient(Vertx vertx, BitcoindConfig config) {
        this(vertx, config, DEADLINE_MS);
    }

    RpcClient(Vertx vertx, BitcoindConfig config, long deadlineMs) {
        this.deadlineMs = deadlineMs;
        this.vertx = vertx;
        this.config = config;
        this.http = vertx.createHttpClient(
                new HttpClientOptions()
                        .setDefaultHost(config.host())
                        .setDefaultPort(config.port())
                        .setSsl(config.tls())
                        .setConnectTimeout(CONNECT_MS)
                        .setKeepAlive(true)
                        .setKeepAliveTimeout(20), // bitcoind closes after 30 s
                new PoolOptions().setHttp1MaxSize(CONNECTIONS).setMaxWaitQueueSize(WAITING_MAX));
    }

    /** An error that the node answered with; {@code code} as in bitcoin's rpc/protocol.h. */
    static final class RpcException extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final int code;

        RpcException(int code, String message) {
            super(message, null, false, false);
            this.code = code;
        }

        int code() {
            return code;
        }
    }

    /** A call whose result is any JSON value; fails with {@link RpcException} where the node says no. */
    Future<@Nullable Object> call(String method, Object... params) {
        return raw(method, params).compose(body -> {
            JsonObject answer;
            try {
                answer = body.toJsonObject();
            } catch (DecodeException malformed) {
                return Future.failedFuture(unavailable("The bitcoin node answered with something else than JSON"));
            }
            JsonObject error = answer.getJsonObject("error");
            return error == null
                    ? Future.succeededFuture(answer.getValue("result"))
                    : Future.failedFuture(refused(error));
        });
    }

    /** A call as {@link #call}, whose answer is left as it came. */
    Future<Buffer> raw(String method, Object... params) {
        Buffer body = new JsonObject()
                .put("jsonrpc", "1.0")
                .put("id", 0)
                .put("method", method)
                .put("params", JsonArray.of(params))
                .toBuffer();
        Call call = new Call();
        return post(call, body, true)
                .timeout(deadlineMs, TimeUnit.MILLISECONDS)
                .onFailure(failed -> call.end())
                .recover(failure -> Future.failedFuture(
                        failure instanceof dev.sluice.kernel.FailureException
                                ? failure
                                : unavailable("The bitcoin node does not answer")));
    }

    private Future<Buffer> post(Call call, Buffer body, boolean mayRetry) {
        return authorization()
                .compose(credentials -> http.request(
                                new RequestOptions().setMethod(HttpMethod.POST).setURI("/"))
                        .compose(call::begin)
                        .compose(request -> request.putHeader("Authorization", credentials)
                                .putHeader("Content-Type", "application/json")
                                .send(body)
                                .compose(RpcClient::read)))
                .compose(answer -> {
                    if (answer.status() == UNAUTHORIZED
                            && mayRetry
                            && config.credentials() instanceof BitcoindConfig.Credentials.Cookie) {
                        authorization = null; // the node has restarted and written another cookie
                        return post(call, body, false);
                    }
                    return checked(answer);
                });
    }

    /** What is on its way for a caller. One who gives up lets go of the connection: nothing else would close it. */
    private static final class Call {
        private volatile @Nullable HttpClientRequest wire;
        private volatile boolean over;

        /** Whoever comes second of this and {@link #end} sees what the other did. */
        Future<HttpClientRequest> begin(HttpClientRequest made) {
            wire = made;
            if (over) {
                made.reset();
                return Future.failedFuture("nobody waits any more");
            }
            return Future.succeededFuture(made);
        }

        void end() {
            over = true;
            HttpClientRequest made = wire;
            if (made != null) {
                made.reset();
            }
        }
    }

    private record Answer(int status, Buffer body) {}

    private static Future<Answer> read(HttpClientResponse response) {
        return response.body().map(body -> new Answer(response.statusCode(), body));
    }

    /** bitcoind answers errors of a call with 404 or 500 and a JSON body. */
    private static Future<Buffer> checked(Answer answer) {
        return switch (answer.status()) {
            case 200, 404, 500 -> Future.succeededFuture(answer.body());
            case UNAUTHORIZED, 403 -> Future.failedFuture(unavailable("The bitcoin node refuses our credentials"));
            default -> Future.failedFuture(unavailable("The bitcoin node is overloaded"));
        };
    }

    private Future<String> authorization() {
        String known = authorization;
        if (known != null) {
            return Future.succeededFuture(known);
        }
        Future<String> pair = switch (config.credentials()) {
            case BitcoindConfig.Credentials.Password(String user, var password) ->
                Future.succeededFuture(user + ":" + password.value());
            case BitcoindConfig.Credentials.Cookie(var file) ->
                vertx.fileSystem()
                        .readFile(file.toString())
                        .map(content -> content.toString().strip());
        };
        return pair.map(text -> {
            String basic = "Basic " + Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
            authorization = basic;
            return basic;
        });
    }

    static Throwable refused(JsonObject error) {
        int code = error.getInteger("code", 0);
        return code == WARMING_UP
                ? unavailable("The bitcoin node is starting")
                : new RpcException(code, error.getString("message", ""));
    }

    static RuntimeException unavailable(String message) {
        return new Failure.Unavailable("bitcoind-unavailable", message, 5).exception();
    }

    void close() {
        http.close();
    }
}
