package dev.sluice.chain;

import dev.sluice.db.Db;
import dev.sluice.db.Fence;
import dev.sluice.db.SetAside;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.FailureException;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlConnection;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commits one step: our tables, the sink's effects and the tip together, under the fence. Where the sink cannot write
 * what a step means for one of its subjects, the step commits with all of them set aside, and each is brought in line
 * by itself from the outputs as they stand; what still cannot be written stays aside until it can. Used on one context.
 */
final class StepWriter {
    private static final Logger log = LoggerFactory.getLogger(StepWriter.class);
    /** Subjects tried again in a pass, a few seconds' work; the rest waits for the next one. */
    private static final int ROUND_MAX = 1_000;

    private final Db db;
    private final Fence fence;
    private final ChainSink sink;
    private final Clock clock;
    private @Nullable String writtenTip;
    /** Where to go on with what is set aside; null while none of it is due. */
    private @Nullable String dueAfter = "";
    /** Somebody could be neither brought nor refused, so that another round is due after this one. */
    private boolean missed;

    StepWriter(Db db, Fence fence, ChainSink sink, Clock clock) {
        this.db = db;
        this.fence = fence;
        this.sink = sink;
        this.clock = clock;
    }

    /** @param tip the tip after the step */
    Future<Void> write(ChainRepository.Block tip, Function<SqlConnection, Future<List<OutputChange>>> step) {
        Function<SqlConnection, Future<ChainUpdate>> stepped = tx -> fence.check(tx)
                .compose(held -> step.apply(tx))
                .map(changes -> new ChainUpdate(tip.height(), tip.hash(), changes));
        return db.tx(tx -> stepped.apply(tx).compose(update -> give(tx, update)))
                .recover(failure -> failure instanceof Refused refused
                        ? apart(tip, stepped, refused.reason)
                        : Future.failedFuture(failure))
                .onSuccess(done -> written(tip))
                .onFailure(unknown -> due()); // its commit may have taken place unheard
    }

    private void written(ChainRepository.Block tip) {
        if (!tip.hash().equals(writtenTip)) {
            writtenTip = tip.hash();
            due();
        }
        sink.committed();
    }

    private void due() {
        if (dueAfter == null) {
            dueAfter = "";
        }
    }

    private Future<Void> give(SqlConnection tx, ChainUpdate update) {
        return SetAside.keys(tx, ChainSink.SET_ASIDE)
                .compose(aside -> sink.apply(tx, update, aside))
                .recover(failure ->
                        Future.failedFuture(SetAside.isFactsFault(failure) ? new Refused(failure) : failure));
    }

    /** From the commit on nothing is lost: who cannot be brought now is set aside. */
    private Future<Void> apart(
            ChainRepository.Block tip, Function<SqlConnection, Future<ChainUpdate>> stepped, Throwable reason) {
        return db.tx(tx -> stepped.apply(tx).compose(update -> setAside(tx, update, reason)))
                .compose(subjects -> {
                    log.warn(
                            "chain.step.apart height={} tip={} subjects={}",
                            tip.height(),
                            tip.hash(),
                            subjects.size(),
                            reason);
                    return bringEach(subjects).otherwise(later -> {
                        log.warn("chain.set-aside.waiting", later);
                        due();
                        return null;
                    });
                });
    }

    private Future<Set<String>> setAside(SqlConnection tx, ChainUpdate update, Throwable reason) {
        return sink.concerned(tx, update)
                .compose(concerned -> SetAside.keys(tx, ChainSink.SET_ASIDE).compose(before -> {
                    Set<String> subjects = new TreeSet<>(concerned);
                    subjects.removeAll(before);
                    return subjects.isEmpty()
                            ? Future.failedFuture(reason) // nobody to set aside: it is the step itself
                            : SetAside.putAll(
                                            tx,
                                            ChainSink.SET_ASIDE,
                                            subjects,
                                            facts(update.tipHeight()),
                                            reason,
                                            clock.now())
                                    .map(subjects);
                }));
    }

    /** For people: what is applied in the end is read from the outputs. */
    private static JsonObject facts(int tipHeight) {
        return new JsonObject().put("tipHeight", tipHeight);
    }

    /**
     * Tries once more what is set aside, where the tip has moved since or this is the first time. Never fails: what
     * cannot be looked at now stays due.
     */
    Future<Void> again() {
        return round(ROUND_MAX).otherwise(later -> {
            log.warn("chain.set-aside.waiting", later);
            return null;
        });
    }

    private Future<Void> round(int left) {
        String after = dueAfter;
        if (after == null || left <= 0) {
            return Future.succeededFuture();
        }
        return SetAside.of(db, ChainSink.SET_ASIDE, after).compose(page -> {
            if (page.isEmpty()) {
                dueAfter = missed ? "" : null;
                missed = false;
                return Future.succeededFuture();
            }
            List<String> subjects = page.stream().map(SetAside.Fact::key).toList();
            return bringEach(subjects)
                    .onSuccess(tried -> dueAfter = subjects.getLast())
                    .compose(tried -> round(left - subjects.size()));
        });
    }

    private Future<Void> bringEach(Collection<String> subjects) {
        Future<Void> done = Future.succeededFuture();
        for (String subject : subjects) {
            done = done.compose(before -> bring(subject));
        }
        return done;
    }

    private Future<Void> bring(String subject) {
        return db.tx(tx -> fence.check(tx)
                        .compose(held -> standing(tx, subject))
                        .compose(standing -> sink.bring(tx, subject, standing))
                        .compose(brought -> SetAside.remove(tx, ChainSink.SET_ASIDE, subject)))
                .onSuccess(brought -> {
                    log.info("chain.applied-after-all subject={}", subject);
                    sink.committed();
                })
                .recover(failure -> {
                    if (SetAside.isFactsFault(failure)) {
                        return keep(subject, failure);
                    }
                    return failure instanceof FailureException ? Future.failedFuture(failure) : miss(subject, failure);
                });
    }

    /** A lock that somebody holds, or what nobody thought of: those behind it are not to wait for it. */
    private Future<Void> miss(String subject, Throwable failure) {
        log.warn("chain.set-aside.waiting subject={}", subject, failure);
        missed = true;
        due();
        return Future.succeededFuture();
    }

    private static Future<ChainUpdate> standing(SqlConnection tx, String subject) {
        return ChainRepository.tip(tx)
                .compose(tip -> OutputRepository.ofSubject(tx, subject)
                        .map(outputs -> new ChainUpdate(tip.height(), tip.hash(), outputs)));
    }

    private Future<Void> keep(String subject, Throwable failure) {
        return db.tx(tx -> fence.check(tx)
                        .compose(held -> ChainRepository.tip(tx))
                        .compose(tip -> {
                            SetAside.Fact fact = new SetAside.Fact(subject, facts(tip.height()));
                            return SetAside.put(tx, ChainSink.SET_ASIDE, fact, failure, clock.now());
                        }))
                .onSuccess(kept -> log.error("chain.set-aside subject={}", subject, failure));
    }

    /** Carries out of a transaction that it is what the sink was to write that cannot be written. */
    private static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final transient Throwable reason;

        Refused(Throwable reason) {
            super(reason);
            this.reason = reason;
        }
    }
}
