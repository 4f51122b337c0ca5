package dev.sluice.invoice;

import dev.sluice.db.Db;
import dev.sluice.invoice.PromptRepository.Move;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.FailureException;
import dev.sluice.kernel.InvoiceId;
import dev.sluice.kernel.PaymentHash;
import dev.sluice.kernel.Preimage;
import dev.sluice.lightning.LightningNode.AddedInvoice;
import dev.sluice.lightning.LightningService;
import dev.sluice.lightning.NodeId;
import dev.sluice.store.Rail;
import dev.sluice.store.StoreService;
import dev.sluice.store.StoreSettings;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells Lightning nodes what the prompts intend: adds invoices, replaces them when a partial payment changes what is
 * due, cancels those that must not be paid any more; and gives an address to those that found the pool empty. Every
 * step is an intent in the database first, and repeating a step is safe, so a crash between the two only delays it.
 */
final class PromptKeeper {
    private static final Logger log = LoggerFactory.getLogger(PromptKeeper.class);
    /** A buyer waits this long for the node; afterwards the rail is left out and joins when the node answers. */
    static final Duration DEADLINE = Duration.ofMillis(2_500);
    /**
     * A BOLT 11 invoice outlives ours by this much, so that a payment on its way at expiry is taken and recorded
     * late.
     */
    private static final Duration GRACE = Duration.ofSeconds(60);
    /** The node has forgotten an expired invoice for certain after this. */
    private static final Duration FORGOTTEN = Duration.ofHours(1);
    /** A prompt that could not be brought where it belongs is looked at again after this. */
    private static final Duration RETRY = Duration.ofSeconds(4);
    /** Of a round, one each second; the rest waits for the next. */
    private static final int ROUND_MAX = 200;

    private final Db db;
    private final StoreService stores;
    private final InvoiceRepository invoices;
    private final PromptRepository prompts;
    private final InvoiceBooks books;
    private final LightningService lightning;
    private final ChainPrompts addresses;
    private final Clock clock;
    private final Entropy entropy;
    private final Runnable afterCommit;

    PromptKeeper(
            Db db,
            StoreService stores,
            InvoiceRepository invoices,
            PromptRepository prompts,
            InvoiceBooks books,
            LightningService lightning,
            ChainPrompts addresses,
            Clock clock,
            Entropy entropy,
            Runnable afterCommit) {
        this.db = db;
        this.stores = stores;
        this.invoices = invoices;
        this.prompts = prompts;
        this.books = books;
        this.lightning = lightning;
        this.addresses = addresses;
        this.clock = clock;
        this.entropy = entropy;
        this.afterCommit = afterCommit;
    }

    /** Does what is to do for all invoices, a bounded round; how many prompts were looked at. */
    Future<Integer> round() {
        Instant now = clock.now();
        return prompts.takeDue(now, now.plus(RETRY), ROUND_MAX).compose(found -> {
            List<Future<Void>> steps = new ArrayList<>(found.size());
            // Waiting ends before a dead node's deadlines do: the step goes on, and the others are not delayed by it.
            found.forEach(prompt -> steps.add(step(prompt)
                    .onFailure(failure -> report(prompt, failure))
                    .timeout(DEADLINE.toMillis(), TimeUnit.MILLISECONDS)
                    .otherwiseEmpty()));
            return Future.join(steps).map(done -> found.size());
        });
    }

    /** A node that is away is no news; what else fails is tried for ever, so somebody must see it. */
    private static void report(Prompt prompt, Throwable failure) {
        if (!(failure instanceof FailureException)) {
            log.warn(
                    "prompt.step.failed invoice={} node={} cause={}",
                    prompt.invoice(),
                    prompt.source(),
                    failure.toString());
        }
    }

    /** When the keeper looks at a prompt that somebody else activates now: should that fail, or its process die. */
    static Instant afterCreation(Instant now) {
        return now.plus(RETRY);
    }

    /** Adds the invoice of a pending prompt at its node; false where the node cannot now, with the reason stored. */
    Future<Boolean> activate(Prompt prompt) {
        return invoices.find(prompt.invoice())
                .map(java.util.Optional::orElseThrow)
                .compose(invoice -> stores.find(invoice.store())
                        .map(found -> found.orElseThrow().settings())
                        .compose(store -> add(prompt, invoice, store)
                                .compose(added -> active(prompt, added))
                                .recover(failure -> leftOut(prompt, failure))));
    }

    /** What the store's settings change between two attempts does not matter: the node keeps the first. */
    private Future<AddedInvoice> add(Prompt prompt, Invoice invoice, StoreSettings store) {
        Duration expiry = Duration.between(clock.now(), invoice.expiresAt()).plus(GRACE);
        return lightning.addInvoice(
                new NodeId(prompt.source()),
                Objects.requireNonNull(prompt.preimage()),
                prompt.amount(),
                Memo.of(invoice, store),
                expiry.compareTo(GRACE) < 0 ? GRACE : expiry,
                store.lightningPrivateRouteHints(),
                DEADLINE);
    }

    private Future<Void> step(Prompt prompt) {
        return invoices.find(prompt.invoice()).compose(found -> {
            InvoiceStatus status = found.orElseThrow().state().status();
            return switch (prompt.state()) {
                case PENDING -> status == InvoiceStatus.NEW ? activate(prompt).mapEmpty() : close(prompt);
                case ACTIVE -> review(prompt);
                case CLOSING -> cancel(prompt).compose(done -> reopen(prompt));
                case LAZY -> prompt.rail() == Rail.CHAIN ? addresses.activate(prompt) : Future.succeededFuture();
                case CLOSED -> reopen(prompt);
            };
        });
    }

    private Future<Boolean> active(Prompt prompt, AddedInvoice added) {
        return inBook(prompt.invoice(), (tx, book) -> {
            Invoice invoice = book.invoice(prompt.invoice()).orElseThrow();
            // A change that comes later says so in its own commit; one that came before is seen here.
            boolean unchanged =
                    invoice.state().equals(InvoiceState.NEW) && invoice.paid().value() == 0;
            Instant next = unchanged ? whenForgotten(invoice) : soon();
            Move active = new Move(Prompt.State.ACTIVE, added.bolt11(), null, next);
            return prompts.move(tx, prompt, List.of(Prompt.State.PENDING), active)
                    .map(moved -> {
                        if (moved) {
                            book.touchFor(prompt.invoice());
                        }
                        return true;
                    });
        });
    }

    private Future<Boolean> leftOut(Prompt prompt, Throwable failure) {
        String reason = failure instanceof FailureException known
                ? known.failure().message()
                : "The Lightning node did not answer";
        if (!(failure instanceof FailureException known && known.failure() instanceof Failure.Unavailable)) {
            log.warn(
                    "prompt.left-out invoice={} node={} cause={}",
                    prompt.invoice(),
                    prompt.source(),
                    failure.toString());
        }
        if (reason.equals(prompt.reason())) {
            return Future.succeededFuture(false);
        }
        Move pending = new Move(Prompt.State.PENDING, null, reason, soon());
        return inBook(
                prompt.invoice(),
                (tx, book) -> prompts.move(tx, prompt, List.of(Prompt.State.PENDING), pending)
                        .map(moved -> {
                            if (moved) {
                                book.touchFor(prompt.invoice());
                            }
                            return false;
                        }));
    }

    /** What a node must hear after a commit. */
    private interface ToNode extends Supplier<Future<Void>> {}

    private static final ToNode TO_NOBODY = Future::succeededFuture;

    /** Brings an active prompt where its invoice is now, seen under its lock. */
    private Future<Void> review(Prompt prompt) {
        return inBook(prompt.invoice(), (tx, book) -> {
                    Invoice invoice = book.invoice(prompt.invoice()).orElseThrow();
                    InvoiceStatus status = invoice.state().status();
                    boolean open = status == InvoiceStatus.NEW;
                    if (open && invoice.due() != null && !invoice.remaining().equals(prompt.amount())) {
                        return replace(tx, book, prompt, invoice);
                    }
                    boolean late = status == InvoiceStatus.EXPIRED
                            && invoice.expiresAt().plus(FORGOTTEN).isAfter(clock.now());
                    return open || late ? rest(tx, prompt, invoice) : closing(tx, book, prompt);
                })
                .compose(Supplier::get);
    }

    /** Its node may still take a payment of it, in time or late. */
    private Future<ToNode> rest(SqlConnection tx, Prompt prompt, Invoice invoice) {
        return prompts.lookAt(tx, prompt, whenForgotten(invoice)).map(TO_NOBODY);
    }

    private Instant whenForgotten(Invoice invoice) {
        Instant forgotten = invoice.expiresAt().plus(FORGOTTEN);
        return forgotten.isAfter(soon()) ? forgotten : soon();
    }

    private Instant soon() {
        return clock.now().plus(RETRY);
    }

    /** What is due has changed: the old invoice is to be cancelled, a new one is intended. */
    private Future<ToNode> replace(SqlConnection tx, InvoiceBook book, Prompt old, Invoice invoice) {
        return prompts.move(tx, old, List.of(Prompt.State.ACTIVE), toClosing())
                .compose(moved -> moved
                        ? successor(tx, book, old, invoice)
                                .map(next -> () ->
                                        Future.join(activate(next), cancel(old)).mapEmpty())
                        : Future.succeededFuture(TO_NOBODY));
    }

    private Future<ToNode> closing(SqlConnection tx, InvoiceBook book, Prompt prompt) {
        return prompts.move(tx, prompt, List.of(Prompt.State.ACTIVE), toClosing())
                .map(moved -> {
                    if (moved) {
                        book.touchFor(prompt.invoice());
                    }
                    return () -> cancel(prompt);
                });
    }

    private Move toClosing() {
        return new Move(Prompt.State.CLOSING, null, null, soon());
    }

    /** A payment that closed it was taken back: what is due is asked for anew, because a node forgets no cancelling. */
    private Future<Void> reopen(Prompt closed) {
        return inBook(closed.invoice(), (tx, book) -> {
                    Invoice invoice = book.invoice(closed.invoice()).orElseThrow();
                    Move rest = new Move(Prompt.State.CLOSED, null, null, null);
                    return prompts.move(tx, closed, List.of(Prompt.State.CLOSED), rest)
                            .compose(rested -> prompts.of(tx, closed.invoice()))
                            .compose(all -> invoice.state().status() == InvoiceStatus.NEW && isNewest(closed, all)
                                    ? successor(tx, book, closed, invoice)
                                            .<ToNode>map(
                                                    next -> () -> activate(next).mapEmpty())
                                    : Future.succeededFuture(TO_NOBODY));
                })
                .compose(Supplier::get);
    }

    private static boolean isNewest(Prompt prompt, List<Prompt> all) {
        return all.stream().noneMatch(it -> it.rail() == prompt.rail() && it.generation() > prompt.generation());
    }

    private Future<Prompt> successor(SqlConnection tx, InvoiceBook book, Prompt old, Invoice invoice) {
        Preimage preimage = Preimage.random(entropy);
        Prompt next = new Prompt(
                old.invoice(),
                Rail.LIGHTNING,
                old.generation() + 1,
                old.holder(),
                old.source(),
                Prompt.State.PENDING,
                null,
                null,
                null,
                preimage.hash(),
                preimage,
                invoice.due() == null ? null : invoice.remaining(),
                null,
                clock.now());
        book.touchFor(old.invoice());
        return prompts.insert(tx, next, afterCreation(clock.now())).map(next);
    }

    /** A refusal means that the node settled it first: that is read before nobody looks at the prompt any more. */
    private Future<Void> cancel(Prompt prompt) {
        NodeId node = new NodeId(prompt.source());
        PaymentHash hash = Objects.requireNonNull(prompt.paymentHash());
        return lightning
                .cancel(node, hash)
                .recover(failure -> isRefusal(failure) ? lightning.sweep(node, hash) : Future.failedFuture(failure))
                .compose(done -> close(prompt));
    }

    private Future<Void> close(Prompt prompt) {
        List<Prompt.State> from = List.of(Prompt.State.PENDING, Prompt.State.ACTIVE, Prompt.State.CLOSING);
        return db.tx(tx -> prompts.move(tx, prompt, from, new Move(Prompt.State.CLOSED, null, null, null)))
                .mapEmpty();
    }

    private static boolean isRefusal(Throwable failure) {
        return failure instanceof FailureException known && known.failure() instanceof Failure.Rejected;
    }

    private interface InBook<T> {
        Future<T> run(SqlConnection tx, InvoiceBook book);
    }

    private <T> Future<T> inBook(InvoiceId id, InBook<T> work) {
        return db.tx(tx -> books.open(tx, List.of(id))
                        .compose(book -> work.run(tx, book)
                                .compose(result -> book.flush(tx, null).map(result))))
                .onSuccess(done -> afterCommit.run());
    }
}
