package dev.sluice.idempotency;

import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.db.TestDatabase.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.db.Db;
import dev.sluice.db.TestDatabase;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.FailureException;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdempotencyServiceTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    private static final String HASH = "ab".repeat(32);

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));
    private final AtomicInteger runs = new AtomicInteger();
    private IdempotencyService service;

    @BeforeEach
    void start() {
        service = new IdempotencyService(DATABASE.db(), now::get);
        await(DATABASE.db().write("create table if not exists effect (name text)", Tuple.tuple()));
        await(DATABASE.db().write("truncate effect", Tuple.tuple()));
        await(DATABASE.db().write("truncate request_key", Tuple.tuple()));
    }

    @Test
    void sameRequestAgainGetsTheKeptReply() {
        KeptReply first = await(service.once(key("k", HASH), this::effect));
        KeptReply second = await(service.once(key("k", HASH), this::effect));

        assertThat(first).isEqualTo(new KeptReply(200, "{\"run\":1}", false));
        assertThat(second).isEqualTo(new KeptReply(200, "{\"run\":1}", true));
        assertThat(effects()).isEqualTo(1);
    }

    @Test
    void otherRequestUnderTheSameKeyIsRefused() {
        await(service.once(key("k", HASH), this::effect));

        assertThat(cause(service.once(key("k", "cd".repeat(32)), this::effect))).isInstanceOf(Failure.Mismatch.class);
        assertThat(effects()).isEqualTo(1);
    }

    @Test
    void sameKeyInAnotherScopeIsAnotherRequest() {
        await(service.once(key("k", HASH), this::effect));
        await(service.once(new RequestKey("other", "k", HASH), this::effect));

        assertThat(effects()).isEqualTo(2);
    }

    @Test
    void failedEffectKeepsNothingAndMayBeTriedAgain() {
        Failure refusal = new Failure.Conflict("full", "full");
        Future<KeptReply> failed = service.once(
                key("k", HASH), tx -> effect(tx).compose(reply -> Future.failedFuture(refusal.exception())));

        assertThat(cause(failed)).isEqualTo(refusal);
        assertThat(effects()).isZero();
        assertThat(await(service.once(key("k", HASH), this::effect)).replayed()).isFalse();
        assertThat(effects()).isEqualTo(1);
    }

    @Test
    void hundredParallelRequestsHaveOneEffect() {
        List<Future<KeptReply>> calls = new ArrayList<>();
        for (int call = 0; call < 100; call++) {
            calls.add(service.once(key("k", HASH), this::effect));
        }
        await(Future.join(calls).otherwiseEmpty());

        assertThat(effects()).isEqualTo(1);
        assertThat(calls.stream().filter(Future::succeeded).map(Future::result))
                .allMatch(reply -> "{\"run\":1}".equals(reply.body()))
                .filteredOn(reply -> !reply.replayed())
                .hasSize(1);
        assertThat(calls.stream().filter(Future::failed).map(IdempotencyServiceTest::cause))
                .allMatch(failure -> failure.code().equals("idempotency-in-progress"));
    }

    @Test
    void pruningForgetsOnlyRepliesOlderThanThreeDays() {
        await(service.once(key("old", HASH), this::effect));
        now.set(now.get().plus(Duration.ofHours(72)));
        await(service.once(key("young", HASH), this::effect));
        assertThat(await(service.prune())).isZero();
        now.set(now.get().plusSeconds(1));

        assertThat(await(service.prune())).isEqualTo(1);
        assertThat(await(service.once(key("young", HASH), this::effect)).replayed())
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\"\"", "a\u0000b", "tab\tinside", "naïve"})
    void malformedKeysAreRefused(String header) {
        assertThatThrownBy(() -> RequestKey.parse(List.of(header))).isInstanceOf(FailureException.class);
    }

    @Test
    void keysOf255CharactersAreTakenAndOf256Refused() {
        assertThat(RequestKey.parse(List.of("k".repeat(255)))).hasSize(255);
        assertThatThrownBy(() -> RequestKey.parse(List.of("k".repeat(256)))).isInstanceOf(FailureException.class);
        assertThatThrownBy(() -> RequestKey.parse(List.of("a", "b"))).isInstanceOf(FailureException.class);
        assertThat(RequestKey.parse(List.of("\"quoted\""))).isEqualTo("quoted");
    }

    private Future<KeptReply> effect(SqlConnection tx) {
        int run = runs.incrementAndGet();
        return Db.run(tx, "insert into effect values ('e')", Tuple.tuple())
                .map(done -> new KeptReply(200, "{\"run\":" + run + "}", false));
    }

    private static RequestKey key(String key, String hash) {
        return new RequestKey("scope", key, hash);
    }

    private static Failure cause(Future<?> call) {
        return ((FailureException) failure(call)).failure();
    }

    private static long effects() {
        return await(DATABASE.db().read("select count(*) from effect"))
                .iterator()
                .next()
                .getLong(0);
    }
}
