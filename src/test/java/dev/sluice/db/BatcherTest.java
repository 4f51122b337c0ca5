package dev.sluice.db;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class BatcherTest {
    private static final Vertx VERTX = Vertx.vertx();
    private static final int EAGER_FROM = 4;

    private record Batch(List<String> items, Promise<List<String>> promise) {
        void done() {
            promise.complete(items.stream().map(String::toUpperCase).toList());
        }
    }

    private final BlockingQueue<Batch> begun = new LinkedBlockingQueue<>();
    private final AtomicLong nanos = new AtomicLong();
    private final Batcher<String, String> batcher = new Batcher<>(
            VERTX,
            new Batcher.Bounds(1, 10, 12, EAGER_FROM),
            item -> 1,
            item -> List.of(item.split("/")),
            items -> {
                Batch batch = new Batch(items, Promise.promise());
                begun.add(batch);
                return batch.promise().future();
            },
            nanos::get);

    @AfterAll
    static void close() {
        VERTX.close();
    }

    private Batch next() throws InterruptedException {
        Batch batch = begun.poll(20, TimeUnit.SECONDS);
        assertThat(batch).as("a batch").isNotNull();
        return batch;
    }

    private void assertNothingBegins() throws InterruptedException {
        assertThat(begun.poll(100, TimeUnit.MILLISECONDS)).isNull();
    }

    private List<Future<String>> submit(String... items) {
        List<Future<String>> results = new ArrayList<>();
        for (String item : items) {
            results.add(batcher.submit(item));
        }
        return results;
    }

    /** The first of an idle system begins at once; it takes as long as is said. */
    private void batchThatTakes(Duration time) throws InterruptedException {
        Future<String> first = batcher.submit("first");
        Batch batch = next();
        nanos.addAndGet(time.toNanos());
        batch.done();
        TestDatabase.await(first);
    }

    @Test
    void resultsComeInTheOrderOfTheItems() throws InterruptedException {
        Future<String> first = batcher.submit("a");
        Batch one = next();
        List<Future<String>> others = submit("b", "c", "d", "e");
        one.done();
        Batch two = next();
        two.done();
        assertThat(two.items()).containsExactly("b", "c", "d", "e");
        assertThat(TestDatabase.await(first)).isEqualTo("A");
        assertThat(TestDatabase.await(others.getLast())).isEqualTo("E");
    }

    @Test
    void fewWaitAsLongAsTheBatchBeforeTook() throws InterruptedException {
        batchThatTakes(Duration.ofMillis(10));
        submit("a", "b");
        assertNothingBegins();
        nanos.addAndGet(Duration.ofMillis(9).toNanos());
        submit("c");
        assertNothingBegins();
        nanos.addAndGet(Duration.ofMillis(1).toNanos());
        assertThat(next().items()).containsExactly("a", "b", "c");
    }

    @Test
    void manyBeginAtOnce() throws InterruptedException {
        batchThatTakes(Duration.ofMillis(10));
        submit("a", "b", "c");
        assertNothingBegins();
        submit("d");
        assertThat(next().items()).containsExactly("a", "b", "c", "d");
    }

    @Test
    void batchThatWasHeldUpHoldsUpTheNextForAMomentOnly() throws InterruptedException {
        batchThatTakes(Duration.ofSeconds(14));
        submit("a");
        assertNothingBegins();
        nanos.addAndGet(Duration.ofMillis(20).toNanos());
        assertThat(next().items()).containsExactly("a");
    }

    @Test
    void itemsOfOneKeyAreNeverUnderWayTogether() throws InterruptedException {
        batcher.submit("a");
        Batch one = next();
        submit("b", "b", "c", "d", "e");
        one.done();
        assertThat(next().items()).containsExactly("b", "c", "d", "e");
    }

    /** Both names of an item are its own while it is under way, and what waits for one keeps the other. */
    @Test
    void itemsThatShareOneOfTheirKeysKeepTheirOrder() throws InterruptedException {
        batcher.submit("first");
        Batch one = next();
        submit("card1/sale1", "card2/sale1", "card2/sale2", "card3/sale3");
        one.done();
        Batch two = next();
        assertThat(two.items()).containsExactly("card1/sale1", "card3/sale3");
        two.done();
        Batch three = next();
        assertThat(three.items()).containsExactly("card2/sale1");
        three.done();
        assertThat(next().items()).containsExactly("card2/sale2");
    }

    @Test
    void whatCannotWaitIsRefusedAndTheRestIsDone() throws InterruptedException {
        batcher.submit("first");
        Batch one = next();
        List<Future<String>> waiting =
                submit("1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "one too many");
        one.done();
        next().done();
        assertThat(TestDatabase.await(waiting.get(9))).isEqualTo("10");
        assertThat(next().items()).containsExactly("11", "12");
        assertThat(waiting.getLast().cause()).hasMessageContaining("overloaded");
    }
}
