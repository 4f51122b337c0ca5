package dev.sluice.db;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.kernel.Clock;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class RecentTest {
    private static final Vertx VERTX = Vertx.vertx();

    private final List<Promise<Optional<String>>> reads = new ArrayList<>();
    private final Recent<String, String> recent = new Recent<>(Clock.system(), Duration.ofHours(1), 10, key -> {
        if (key.equals("throws")) {
            throw new IllegalStateException("no reader");
        }
        Promise<Optional<String>> read = Promise.promise();
        reads.add(read);
        return read.future();
    });

    @AfterAll
    static void close() {
        VERTX.close();
    }

    @Test
    void manyThatAskAtOnceShareOneRead() {
        Future<Optional<String>> first = recent.get("a");
        Future<Optional<String>> second = recent.get("a");
        Future<Optional<String>> other = recent.get("b");
        assertThat(reads).hasSize(2);
        reads.getFirst().complete(Optional.of("A"));
        assertThat(first.result()).contains("A");
        assertThat(second.result()).contains("A");
        assertThat(other.isComplete()).isFalse();
        assertThat(recent.get("a").result()).contains("A");
        assertThat(reads).hasSize(2);
    }

    @Test
    void whatIsNotThereAndWhatFailsIsAskedAgain() {
        Future<Optional<String>> missing = recent.get("a");
        reads.getFirst().complete(Optional.empty());
        assertThat(missing.result()).isEmpty();
        Future<Optional<String>> failing = recent.get("a");
        Future<Optional<String>> too = recent.get("a");
        reads.get(1).fail("away");
        assertThat(List.of(failing, too)).allMatch(Future::failed);
        recent.get("a");
        assertThat(reads).hasSize(3);
        assertThat(recent.get("throws").failed()).isTrue();
        assertThat(recent.get("throws").failed()).isTrue();
    }

    @Test
    void whoAsksAfterAChangeHearsWhatWasReadAfterIt() {
        Future<Optional<String>> before = recent.get("a");
        recent.forget();
        Future<Optional<String>> after = recent.get("a");
        assertThat(reads).hasSize(2);
        reads.get(1).complete(Optional.of("new"));
        reads.get(0).complete(Optional.of("old"));
        assertThat(before.result()).contains("old");
        assertThat(after.result()).contains("new");
        assertThat(recent.get("a").result()).contains("new");
    }

    @Test
    void eachIsToldOnItsOwnContext() throws Exception {
        recent.get("a");
        Context context = VERTX.getOrCreateContext();
        CompletableFuture<Context> told = new CompletableFuture<>();
        CompletableFuture<Void> asked = new CompletableFuture<>();
        context.runOnContext(go -> {
            recent.get("a").onComplete(done -> told.complete(Vertx.currentContext()));
            asked.complete(null);
        });
        asked.get(20, TimeUnit.SECONDS);
        assertThat(reads).hasSize(1);
        reads.getFirst().complete(Optional.of("A")); // by a thread of nobody
        assertThat(told.get(20, TimeUnit.SECONDS)).isSameAs(context);
    }
}
