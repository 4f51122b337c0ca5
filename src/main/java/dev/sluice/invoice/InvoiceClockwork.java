package dev.sluice.invoice;

import dev.sluice.chain.ChainService;
import dev.sluice.db.Db;
import dev.sluice.invoice.InvoiceRepository.Due;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.InvoiceId;
import dev.sluice.lightning.LightningService;
import dev.sluice.lightning.NodeId;
import dev.sluice.store.Rail;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Lets time act on invoices: expiry and the end of monitoring. Neither is decided while a rail of the invoice has not
 * been read beyond the moment in question, or what was read could not be written; until then the invoice waits.
 */
final class InvoiceClockwork {
    /** Decided in a round; the rest waits for the next one. */
    private static final int ROUND_MAX = 200;
    /** A node that took longer than {@link PromptKeeper#DEADLINE} to answer is not asked again before this. */
    private static final Duration SILENCE = Duration.ofSeconds(10);

    private final Db db;
    private final InvoiceRepository repository;
    private final InvoiceBooks books;
    private final ChainService chain;
    private final LightningService lightning;
    private final Clock clock;
    private final Runnable afterCommit;
    private final Map<NodeId, Instant> silentUntil = new ConcurrentHashMap<>();
    private volatile Due lookedTo = Due.FIRST;

    InvoiceClockwork(
            Db db,
            InvoiceRepository repository,
            InvoiceBooks books,
            ChainService chain,
            LightningService lightning,
            Clock clock,
            Runnable afterCommit) {
        this.db = db;
        this.repository = repository;
        this.books = books;
        this.chain = chain;
        this.lightning = lightning;
        this.clock = clock;
        this.afterCommit = afterCommit;
    }

    /** Looks at the invoices whose moment has come; how many time changed. */
    Future<Integer> look() {
        return repository
                .due(clock.now(), lookedTo, ROUND_MAX)
                .onSuccess(page -> lookedTo = next(page))
                .compose(page -> {
                    List<InvoiceId> rest = ids(page, null);
                    Future<Void> later = repository.lookLater(rest);
                    Future<Integer> expired = decide(ids(page, Trigger.EXPIRY), Trigger.EXPIRY, Invoice::expiresAt);
                    Future<Integer> ended =
                            decide(ids(page, Trigger.MONITORING_END), Trigger.MONITORING_END, Invoice::monitorUntil);
                    return Future.join(later, expired, ended)
                            .map(all -> expired.result() + ended.result())
                            .compose(changed -> page.size() == ROUND_MAX && !rest.isEmpty()
                                    ? look().map(more -> changed + more) // what was paid keeps nobody waiting
                                    : Future.succeededFuture(changed));
                });
    }

    /** Where the next round goes on: invoices that cannot be decided now must not keep the others from their turn. */
    private static Due next(List<Due> page) {
        return page.size() < ROUND_MAX ? Due.FIRST : page.getLast();
    }

    private static List<InvoiceId> ids(List<Due> page, @Nullable Trigger trigger) {
        return page.stream()
                .filter(due -> due.trigger() == trigger)
                .map(Due::id)
                .toList();
    }

    private Future<Integer> decide(
            List<InvoiceId> ids, Trigger trigger, java.util.function.Function<Invoice, Instant> moment) {
        if (ids.isEmpty()) {
            return Future.succeededFuture(0);
        }
        return repository.prompts(ids).compose(prompts -> {
            Map<InvoiceId, List<Prompt>> byInvoice = new HashMap<>();
            prompts.forEach(p -> byInvoice
                    .computeIfAbsent(p.invoice(), none -> new ArrayList<>())
                    .add(p));
            List<Future<Optional<InvoiceId>>> asked = ids.stream()
                    .map(id -> decidable(id, byInvoice.getOrDefault(id, List.of()), moment))
                    .toList();
            return Future.join(asked).compose(all -> {
                List<InvoiceId> ready = asked.stream()
                        .flatMap(f -> f.result().stream())
                        .sorted(Comparator.comparing(InvoiceId::value))
                        .toList();
                return ready.isEmpty() ? Future.succeededFuture(0) : trigger(ready, trigger, moment);
            });
        });
    }

    private Future<Optional<InvoiceId>> decidable(
            InvoiceId id, List<Prompt> prompts, java.util.function.Function<Invoice, Instant> moment) {
        return repository.find(id).compose(found -> {
            Instant at = moment.apply(found.orElseThrow());
            boolean chainRead = prompts.stream().noneMatch(p -> p.rail() == Rail.CHAIN && p.script() != null)
                    || chain.tip().filter(tip -> tip.caughtUpAt().isAfter(at)).isPresent();
            List<Prompt> nodes = prompts.stream()
                    .filter(p -> p.rail() == Rail.LIGHTNING && p.destination() != null)
                    .toList();
            // What a node says of an invoice after the moment is what it had settled by then. Of closed prompts it is
            // not asked again: there the stream must have been read.
            boolean streamsRead = nodes.stream()
                    .filter(p -> p.state() == Prompt.State.CLOSED)
                    .allMatch(p -> lightning
                            .caughtUpAt(new NodeId(p.source()))
                            .filter(at::isBefore)
                            .isPresent());
            if (!chainRead || !streamsRead) {
                return Future.succeededFuture(Optional.<InvoiceId>empty());
            }
            List<Future<Void>> sweeps = nodes.stream()
                    .filter(p -> p.state() != Prompt.State.CLOSED)
                    .map(this::ask)
                    .toList();
            return Future.join(sweeps).map(swept -> Optional.of(id)).otherwise(Optional.empty());
        });
    }

    /** A store's node that does not answer keeps no other store's invoices waiting. */
    private Future<Void> ask(Prompt prompt) {
        NodeId node = new NodeId(prompt.source());
        if (silentUntil.getOrDefault(node, Instant.MIN).isAfter(clock.now())) {
            return Future.failedFuture("silent a moment ago");
        }
        return lightning
                .sweep(node, Objects.requireNonNull(prompt.paymentHash()))
                .timeout(PromptKeeper.DEADLINE.toMillis(), TimeUnit.MILLISECONDS)
                .onSuccess(answered -> silentUntil.remove(node))
                .onFailure(failure -> {
                    if (failure instanceof TimeoutException) {
                        silentUntil.put(node, clock.now().plus(SILENCE));
                    }
                });
    }

    private Future<Integer> trigger(
            List<InvoiceId> ids, Trigger trigger, java.util.function.Function<Invoice, Instant> moment) {
        Instant now = clock.now();
        return db.tx(tx -> books.known(tx, ids)
                        .compose(known -> books.open(tx, known).compose(book -> {
                            known.forEach(id -> book.invoice(id)
                                    .filter(invoice -> !moment.apply(invoice).isAfter(now))
                                    .ifPresent(invoice -> book.trigger(id, trigger)));
                            int changed = book.changed().size();
                            return book.flush(tx, null).map(changed);
                        })))
                .onSuccess(changed -> afterCommit.run());
    }
}
