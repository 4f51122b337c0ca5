package dev.sluice.bench;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * An HTTP/1.1 client that costs little: requests are bytes made beforehand, of an answer only status and length are
 * read. Closed loop, to find what a server carries; open loop at a fixed rate, where the time of a request begins when
 * it was due and not when a connection was free (no coordinated omission).
 */
final class Load {
    /** Event loops; more take the cores from the server. */
    private static final int LOOPS = 2;

    private final Vertx vertx;
    private final int port;

    Load(Vertx vertx, int port) {
        this.vertx = vertx;
        this.port = port;
    }

    /** What came of a run. */
    record Result(long answers, long errors, double seconds, Histogram micros) {
        double perSecond() {
            return answers / seconds;
        }

        double millisAt(double percentile) {
            return micros.getValueAtPercentile(percentile) / 1e3;
        }
    }

    private static final class Tally {
        final LongAdder answers = new LongAdder();
        final LongAdder errors = new LongAdder();
        final Histogram micros = new ConcurrentHistogram(TimeUnit.MINUTES.toMicros(1), 3);

        void count(int status, long beganNanos) {
            (status >= 200 && status < 300 ? answers : errors).increment();
            micros.recordValue((System.nanoTime() - beganNanos) / 1_000);
        }

        /** A run with refusals measured something else than it was meant to. */
        Result result(long beganNanos) {
            if (errors.sum() > 0) {
                throw new IllegalStateException(errors + " requests failed, " + answers + " did not");
            }
            return new Result(answers.sum(), errors.sum(), (System.nanoTime() - beganNanos) / 1e9, micros);
        }
    }

    /** As many requests as the server answers in a time, one under way on each connection. */
    Result during(int connections, double seconds, IntFunction<Buffer> requests) {
        long end = System.nanoTime() + (long) (seconds * 1e9);
        return closed(connections, number -> System.nanoTime() < end, requests, whole -> {});
    }

    /** Exactly {@code count} requests, one under way on each connection; {@code answers} sees every answer. */
    Result each(int connections, int count, IntFunction<Buffer> requests, Consumer<String> answers) {
        return closed(connections, number -> number < count, requests, answers);
    }

    private Result closed(
            int connections, IntPredicate goesOn, IntFunction<Buffer> requests, Consumer<String> answers) {
        AtomicInteger next = new AtomicInteger();
        Tally tally = new Tally();
        List<Connection> open = connect(connections);
        long began = System.nanoTime();
        List<Future<Void>> ends = new ArrayList<>();
        for (Connection connection : open) {
            Promise<Void> end = Promise.promise();
            ends.add(end.future());
            connection.run(() -> again(connection, goesOn, requests, answers, next, tally, end));
        }
        Await.of(Future.all(ends));
        Result result = tally.result(began);
        open.forEach(Connection::close);
        return result;
    }

    private static void again(
            Connection connection,
            IntPredicate goesOn,
            IntFunction<Buffer> requests,
            Consumer<String> answers,
            AtomicInteger next,
            Tally tally,
            Promise<Void> end) {
        int number = next.getAndIncrement();
        if (!goesOn.test(number)) {
            end.complete();
            return;
        }
        long began = System.nanoTime();
        connection.ask(requests.apply(number), (status, whole) -> {
            tally.count(status, began);
            if (status < 200 || status >= 300) {
                end.tryFail("answer " + status + ": " + whole);
                return;
            }
            answers.accept(Connection.body(whole));
            again(connection, goesOn, requests, answers, next, tally, end);
        });
    }

    /** Hears when a request of an open loop was due. */
    interface Due {
        void at(int number, long nanos);
    }

    /** {@code count} requests at a fixed rate over at most {@code connections}. */
    Result open(int connections, int perSecond, int count, IntFunction<Buffer> requests, Due due) {
        Tally tally = new Tally();
        long began = System.nanoTime();
        Promise<Void> end = Promise.promise();
        Context loop = vertx.getOrCreateContext();
        loop.runOnContext(go -> connections(connections).onComplete(ready -> {
            Deque<Connection> free = new ArrayDeque<>(ready.result());
            new Schedule(free, perSecond, count, requests, due, tally, end).start();
        }));
        Await.of(end.future());
        return tally.result(began);
    }

    /** Requests of an open loop, on one event loop: due ones wait for a free connection, and their clock runs. */
    private final class Schedule {
        private final Deque<Connection> free;
        private final long stepNanos;
        private final int count;
        private final IntFunction<Buffer> requests;
        private final Due due;
        private final Tally tally;
        private final Promise<Void> end;
        private final long firstNanos = System.nanoTime();
        private int sent;
        private int answered;

        Schedule(
                Deque<Connection> free,
                int perSecond,
                int count,
                IntFunction<Buffer> requests,
                Due due,
                Tally tally,
                Promise<Void> end) {
            this.free = free;
            this.stepNanos = 1_000_000_000L / perSecond;
            this.count = count;
            this.requests = requests;
            this.due = due;
            this.tally = tally;
            this.end = end;
        }

        void start() {
            vertx.setPeriodic(1, tick -> {
                send();
                if (answered == count) {
                    vertx.cancelTimer(tick);
                    free.forEach(Connection::close);
                    end.tryComplete();
                }
            });
        }

        private void send() {
            while (sent < count && !free.isEmpty() && dueAt(sent) <= System.nanoTime()) {
                int number = sent++;
                Connection connection = free.remove();
                due.at(number, dueAt(number));
                connection.ask(requests.apply(number), (status, whole) -> {
                    tally.count(status, dueAt(number));
                    answered++;
                    free.add(connection);
                    send();
                });
            }
        }

        private long dueAt(int number) {
            return firstNanos + number * stepNanos;
        }
    }

    private List<Connection> connect(int count) {
        List<Future<List<Connection>>> loops = new ArrayList<>();
        for (int i = 0; i < LOOPS; i++) {
            Promise<List<Connection>> ready = Promise.promise();
            loops.add(ready.future());
            loop().runOnContext(go -> connections(count / LOOPS).onComplete(ready));
        }
        Await.of(Future.all(loops));
        return loops.stream().flatMap(loop -> loop.result().stream()).toList();
    }

    /** An event loop that is not the caller's. */
    private Context loop() {
        return ((io.vertx.core.internal.VertxInternal) vertx).createEventLoopContext();
    }

    /** Connections that live on the event loop this is called on. */
    private Future<List<Connection>> connections(int count) {
        NetClient client = vertx.createNetClient();
        List<Future<Connection>> made = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            made.add(client.connect(port, "127.0.0.1").map(socket -> new Connection(client, socket)));
        }
        return Future.all(made).map(all -> made.stream().map(Future::result).toList());
    }
}
