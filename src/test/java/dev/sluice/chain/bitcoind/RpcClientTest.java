package dev.sluice.chain.bitcoind;

import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.db.TestDatabase.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.kernel.Secret;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A node that takes calls and does not answer them. */
class RpcClientTest {
    /** As many as the client has connections. */
    private static final int HANGING = 4;

    private static final long DEADLINE_MS = 300;
    private static final String ANSWER =
            new JsonObject().put("result", 7).putNull("error").encode();

    private final Vertx vertx = Vertx.vertx();
    private volatile boolean silent = true;
    private volatile boolean halfway;
    private HttpServer node;
    private RpcClient client;

    @BeforeEach
    void open() {
        node = await(vertx.createHttpServer().requestHandler(this::serve).listen(0, "127.0.0.1"));
        client = new RpcClient(
                vertx,
                new BitcoindConfig(
                        "127.0.0.1",
                        node.actualPort(),
                        false,
                        new BitcoindConfig.Credentials.Password("a", new Secret("b")),
                        List.of()),
                DEADLINE_MS);
    }

    @AfterEach
    void close() {
        client.close();
        await(vertx.close());
    }

    private void serve(HttpServerRequest request) {
        if (!silent) {
            request.response().end(ANSWER);
        } else if (halfway) {
            request.response().setChunked(true).write("{");
        }
    }

    private void hang(int calls) {
        List<Future<?>> asked = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            asked.add(client.call("getblockcount"));
        }
        asked.forEach(call -> assertThat(failure(call)).hasMessageContaining("bitcoind-unavailable"));
    }

    private void answers(int calls) {
        silent = false;
        for (int i = 0; i < calls; i++) {
            assertThat(await(client.call("getblockcount"))).isEqualTo(7);
        }
    }

    @Test
    void connectionThatNeverAnsweredIsNotLost() {
        hang(HANGING);
        answers(2 * HANGING);
    }

    @Test
    void connectionThatStoppedInTheMiddleOfAnAnswerIsNotLost() {
        halfway = true;
        hang(HANGING);
        answers(2 * HANGING);
    }

    @Test
    void callsThatWaitedForAConnectionInVainTakeNoneAfterwards() {
        hang(5 * HANGING);
        answers(2 * HANGING);
    }
}
