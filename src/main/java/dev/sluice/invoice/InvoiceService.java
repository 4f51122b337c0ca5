package dev.sluice.invoice;

import dev.sluice.chain.ChainService;
import dev.sluice.db.Db;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.FailureException;
import dev.sluice.kernel.Ids;
import dev.sluice.kernel.InvoiceId;
import dev.sluice.kernel.Preimage;
import dev.sluice.kernel.Rate;
import dev.sluice.kernel.StoreId;
import dev.sluice.rate.RateService;
import dev.sluice.store.PaymentMethod;
import dev.sluice.store.Rail;
import dev.sluice.store.Store;
import dev.sluice.store.StoreService;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlConnection;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What other features and the API may do with invoices. */
public final class InvoiceService {
    private final Db db;
    private final StoreService stores;
    private final RateService rates;
    private final Offers offers;
    private final ChainService chain;
    private final InvoiceRepository repository;
    private final PromptRepository prompts;
    private final PromptKeeper keeper;
    private final ChainPrompts chainPrompts;
    private final InvoiceBooks books;
    private final Ids ids;
    private final Clock clock;
    private final Entropy entropy;
    private final Runnable afterCommit;

    InvoiceService(
            Db db,
            StoreService stores,
            RateService rates,
            ChainService chain,
            InvoiceRepository repository,
            PromptRepository prompts,
            PromptKeeper keeper,
            ChainPrompts chainPrompts,
            InvoiceBooks books,
            Clock clock,
            Entropy entropy,
            Runnable afterCommit) {
        this.db = db;
        this.stores = stores;
        this.rates = rates;
        this.offers = new Offers(rates);
        this.chain = chain;
        this.repository = repository;
        this.prompts = prompts;
        this.keeper = keeper;
        this.chainPrompts = chainPrompts;
        this.books = books;
        this.ids = new Ids(clock, entropy);
        this.clock = clock;
        this.entropy = entropy;
        this.afterCommit = afterCommit;
    }

    /** A request together with what was looked up for it before the transaction: the store, the locked rate, rails. */
    public record Draft(Store store, CreateInvoice request, Rate rate, List<Offers.Offer> offers) {}

    /**
     * Looks up what an invoice needs. Fails with {@code Rejected}: {@code rate-unavailable}, or {@code
     * invoice-creation-error} where the store cannot be paid by any of the rails asked for, or not so much.
     */
    public Future<Draft> draft(StoreId storeId, CreateInvoice request) {
        return stores.get(storeId).compose(store -> {
            if (Offers.enabled(store, request).isEmpty()) {
                return Future.failedFuture(Offers.none("The store has no enabled payment method among those asked for")
                        .exception());
            }
            return rates.rate(storeId, request.currency())
                    .compose(rate ->
                            offers.of(store, request, rate).map(offered -> new Draft(store, request, rate, offered)));
        });
    }

    /** Makes an invoice inside the caller's transaction. After its commit the caller says {@link #created}. */
    public Future<Invoice> create(SqlConnection tx, Draft draft) {
        Invoice invoice = NewInvoice.of(
                draft, new InvoiceId(ids.next()), clock.now().truncatedTo(ChronoUnit.MILLIS), chain.feeRateSatPerKvb());
        InvoiceBook book = books.of(invoice);
        boolean lazy = draft.request()
                .checkout()
                .lazy()
                .orElse(draft.store().settings().lazyPaymentMethods());
        return repository
                .insert(tx, invoice, draft.request().searchTerms()) // first: prompts refer to it
                .compose(inserted -> addPrompts(tx, invoice, draft.offers(), lazy))
                .compose(prompted -> {
                    book.announce(invoice.id(), InvoiceEvents.CREATED, new JsonObject());
                    if (invoice.due() != null && invoice.due().value() == 0) {
                        book.evaluate(invoice.id());
                    }
                    return book.flush(tx, null)
                            .map(flushed -> book.invoice(invoice.id()).orElseThrow());
                });
    }

    /** After a creation has committed: asks the nodes for their part, for as long as a buyer would wait. */
    public Future<Void> created(InvoiceId id) {
        afterCommit.run();
        return repository.prompts(List.of(id)).compose(found -> {
            List<Future<Boolean>> asked = found.stream()
                    .filter(p -> p.rail() == Rail.LIGHTNING && p.state() == Prompt.State.PENDING)
                    .map(keeper::activate)
                    .toList();
            return Future.join(asked).mapEmpty();
        });
    }

    /** Makes an invoice in a transaction of its own and asks the nodes: for callers that are not requests. */
    public Future<InvoiceId> issue(StoreId store, CreateInvoice request) {
        return draft(store, request)
                .compose(draft -> db.tx(tx -> create(tx, draft)))
                .compose(invoice -> created(invoice.id()).otherwiseEmpty().map(invoice.id()));
    }

    /** The invoice with its prompts and payments; fails with {@code NotFound}. */
    Future<InvoiceView.Whole> whole(InvoiceId id) {
        return find(id).compose(invoice -> whole(List.of(invoice))).map(List::getFirst);
    }

    /** Invoices with what they ask for and what was paid, in the order given; two reads, however many they are. */
    Future<List<InvoiceView.Whole>> whole(List<Invoice> invoices) {
        List<InvoiceId> ids = invoices.stream().map(Invoice::id).toList();
        return repository
                .prompts(ids)
                .compose(asked -> repository.payments(ids).map(paid -> {
                    Map<InvoiceId, List<Prompt>> prompts =
                            asked.stream().collect(Collectors.groupingBy(Prompt::invoice));
                    Map<InvoiceId, List<Payment>> payments =
                            paid.stream().collect(Collectors.groupingBy(Payment::invoice));
                    return invoices.stream()
                            .map(invoice -> InvoiceView.Whole.of(
                                    invoice,
                                    prompts.getOrDefault(invoice.id(), List.of()),
                                    payments.getOrDefault(invoice.id(), List.of())))
                            .toList();
                }));
    }

    /** The invoice as its buyer sees it; fails with {@code NotFound}. */
    public Future<Checkout> checkout(InvoiceId id) {
        return whole(id).map(whole -> Checkout.of(whole, chain.feeRateSatPerKvb()));
    }

    /** An invoice; fails with {@code NotFound}. */
    public Future<Invoice> find(InvoiceId id) {
        return repository.find(id).map(found -> found.orElseThrow(InvoiceService::notFound));
    }

    /** An invoice of a store; fails with {@code NotFound}, also where another store has it. */
    public Future<Invoice> find(StoreId store, InvoiceId id) {
        return repository
                .find(id)
                .map(found ->
                        found.filter(invoice -> invoice.store().equals(store)).orElseThrow(InvoiceService::notFound));
    }

    /** The id that a caller's text is; throws {@code NotFound} where it is none. */
    public static InvoiceId id(String text) {
        if (!Ids.isId(text)) {
            throw notFound();
        }
        return new InvoiceId(text);
    }

    public Future<Optional<StoreId>> storeOf(String id) {
        return Ids.isId(id) ? repository.storeOf(id) : Future.succeededFuture(Optional.empty());
    }

    /** The Lightning nodes that still have to say how an invoice of theirs ended. */
    public Future<Set<String>> openLightningSources() {
        return prompts.openSources();
    }

    public Future<List<Invoice>> list(InvoiceFilter filter) {
        return repository.list(filter);
    }

    /** Sets the status by hand; fails with {@code Invalid} where the table does not allow it. */
    public Future<Invoice> mark(SqlConnection tx, InvoiceId id, InvoiceStatus status) {
        Trigger trigger = status == InvoiceStatus.SETTLED ? Trigger.MARK_SETTLED : Trigger.MARK_INVALID;
        return inBook(tx, id, book -> {
            if (!book.trigger(id, trigger)) {
                throw Failure.invalid("Status", "The invoice cannot be marked as " + status.apiName() + " now")
                        .exception();
            }
        });
    }

    /** Replaces the metadata as a whole. */
    public Future<Invoice> replaceMetadata(SqlConnection tx, InvoiceId id, JsonObject metadata) {
        return inBook(tx, id, book -> book.edit(book.invoice(id).orElseThrow().withMetadata(metadata)))
                .compose(invoice -> repository.reword(tx, invoice).map(invoice));
    }

    /** Hides an invoice from lists, or shows it again; fails with {@code Rejected} where it is shown already. */
    public Future<Invoice> archive(SqlConnection tx, InvoiceId id, boolean archived) {
        return inBook(tx, id, book -> {
            Invoice invoice = book.invoice(id).orElseThrow();
            if (!archived && !invoice.archived()) {
                throw new Failure.Rejected("already-unarchived", "The invoice is not archived").exception();
            }
            book.edit(invoice.withArchived(archived));
        });
    }

    /** Makes a lazy prompt usable. */
    public Future<Void> activate(InvoiceId id, Rail rail) {
        return whole(id).compose(whole -> {
            Prompt prompt = whole.prompt(rail)
                    .orElseThrow(() -> new Failure.NotFound(
                                    "paymentmethod-not-found", "The invoice has no such payment method")
                            .exception());
            boolean usable = whole.invoice().state().status() == InvoiceStatus.NEW;
            if (!usable || prompt.isActive() || prompt.isLeftOut()) {
                return Future.succeededFuture();
            }
            return rail == Rail.CHAIN ? chainPrompts.activate(prompt) : activateLightning(prompt);
        });
    }

    private Future<Void> activateLightning(Prompt prompt) {
        PromptRepository.Move pending =
                new PromptRepository.Move(Prompt.State.PENDING, null, null, PromptKeeper.afterCreation(clock.now()));
        return db.tx(tx -> prompts.move(tx, prompt, List.of(Prompt.State.LAZY), pending))
                .compose(moved -> keeper.activate(prompt))
                .mapEmpty();
    }

    private Future<Invoice> inBook(SqlConnection tx, InvoiceId id, java.util.function.Consumer<InvoiceBook> work) {
        return books.open(tx, List.of(id)).compose(book -> {
            if (book.invoice(id).isEmpty()) {
                return Future.failedFuture(notFound());
            }
            work.accept(book);
            return book.flush(tx, null).map(flushed -> book.invoice(id).orElseThrow());
        });
    }

    /** Locks invoices to pay them with money that is in the ledger; unknown ones are left out. */
    public Future<Tenders> tenders(SqlConnection tx, java.util.Collection<InvoiceId> ids) {
        return books.open(tx, ids).map(book -> new Tenders(book, clock.now()));
    }

    /** The invoice that a payment hash of ours belongs to. */
    public Future<Optional<InvoiceId>> byHash(dev.sluice.kernel.PaymentHash hash) {
        return repository.invoiceOf(hash);
    }

    /** After the commit of a change made through this service. */
    public void committed() {
        afterCommit.run();
    }

    private Future<Void> addPrompts(SqlConnection tx, Invoice invoice, List<Offers.Offer> offers, boolean lazy) {
        if (invoice.due() != null && invoice.due().value() == 0) {
            return Future.succeededFuture(); // nothing to pay, nothing to pay to
        }
        Future<Void> chainOfPrompts = Future.succeededFuture();
        for (Offers.Offer offer : offers) {
            chainOfPrompts = chainOfPrompts.compose(done -> addPrompt(tx, invoice, offer, lazy));
        }
        return chainOfPrompts;
    }

    private Future<Void> addPrompt(SqlConnection tx, Invoice invoice, Offers.Offer offer, boolean lazy) {
        PaymentMethod method = offer.method();
        if (!offer.isOpen()) {
            return Future.succeededFuture();
        }
        return method.rail() == Rail.CHAIN
                ? chainPrompts.add(tx, invoice, method, lazy)
                : addLightningPrompt(tx, invoice, method, lazy);
    }

    private Future<Void> addLightningPrompt(SqlConnection tx, Invoice invoice, PaymentMethod method, boolean lazy) {
        Instant lookAt = lazy ? null : PromptKeeper.afterCreation(invoice.createdAt());
        return prompts.insert(tx, lightningPrompt(invoice, method, lazy), lookAt);
    }

    private Prompt lightningPrompt(Invoice invoice, PaymentMethod method, boolean lazy) {
        Preimage preimage = Preimage.random(entropy);
        return new Prompt(
                invoice.id(),
                Rail.LIGHTNING,
                1,
                method.holder(),
                method.source(),
                lazy ? Prompt.State.LAZY : Prompt.State.PENDING,
                null,
                null,
                null,
                preimage.hash(),
                preimage,
                invoice.due(),
                null,
                invoice.createdAt());
    }

    static FailureException notFound() {
        return new Failure.NotFound("invoice-not-found", "The invoice was not found").exception();
    }
}
