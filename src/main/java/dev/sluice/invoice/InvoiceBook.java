package dev.sluice.invoice;

import dev.sluice.db.Db;
import dev.sluice.eventlog.Event;
import dev.sluice.eventlog.EventLog;
import dev.sluice.kernel.InvoiceId;
import dev.sluice.kernel.Msat;
import dev.sluice.kernel.StoreId;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlConnection;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Locked invoices with their payments, and what is to be written about them: the one place where a payment changes an
 * invoice. Changes gather in memory and {@link #flush} writes invoices, payments, ledger transfers and events into the
 * caller's transaction.
 */
final class InvoiceBook {
    private final InvoiceRepository repository;
    private final PaymentLedger ledger;
    private final EventLog eventLog;
    private final Instant now;
    private final Map<InvoiceId, Invoice> invoices = new LinkedHashMap<>();
    private final Map<InvoiceId, Map<String, Payment>> payments = new HashMap<>();
    private final Set<InvoiceId> changed = new LinkedHashSet<>();
    private final Set<InvoiceId> edited = new LinkedHashSet<>();
    private final Map<String, Payment> dirty = new LinkedHashMap<>();
    private final List<Event> events = new ArrayList<>();

    private InvoiceBook(InvoiceRepository repository, PaymentLedger ledger, EventLog eventLog, Instant now) {
        this.repository = repository;
        this.ledger = ledger;
        this.eventLog = eventLog;
        this.now = now;
    }

    /** Locks invoices in id order and reads their payments. */
    static Future<InvoiceBook> open(
            InvoiceRepository repository,
            PaymentLedger ledger,
            EventLog eventLog,
            Instant now,
            SqlConnection tx,
            Collection<InvoiceId> ids) {
        InvoiceBook book = new InvoiceBook(repository, ledger, eventLog, now);
        if (ids.isEmpty()) {
            return Future.succeededFuture(book);
        }
        // Sent together, and so what is behind the lock is read once it is held.
        Future<List<Invoice>> locked = repository.lock(tx, ids);
        Future<List<Payment>> paid = repository.payments(tx, ids);
        return Future.all(locked, paid).map(read -> {
            locked.result().forEach(invoice -> book.invoices.put(invoice.id(), invoice));
            paid.result().forEach(payment -> book.paymentsOf(payment.invoice()).put(payment.id(), payment));
            return book;
        });
    }

    /** A book that holds one invoice just made, unsaved payments aside. */
    static InvoiceBook of(
            InvoiceRepository repository, PaymentLedger ledger, EventLog eventLog, Instant now, Invoice created) {
        InvoiceBook book = new InvoiceBook(repository, ledger, eventLog, now);
        book.invoices.put(created.id(), created);
        return book;
    }

    Optional<Invoice> invoice(InvoiceId id) {
        return Optional.ofNullable(invoices.get(id));
    }

    Optional<Payment> payment(InvoiceId invoice, String id) {
        return Optional.ofNullable(paymentsOf(invoice).get(id));
    }

    Collection<Payment> payments(InvoiceId invoice) {
        return List.copyOf(paymentsOf(invoice).values());
    }

    /** The ids that {@link #flush} writes. */
    Set<InvoiceId> changed() {
        return Set.copyOf(changed);
    }

    /** Records a payment that was never seen before. */
    void receive(Payment payment) {
        Invoice invoice = touch(payment.invoice());
        put(payment);
        events.add(InvoiceEvents.ofPayment(now, InvoiceEvents.RECEIVED_PAYMENT, invoice, payment));
        if (payment.status() == Payment.Status.SETTLED) {
            events.add(InvoiceEvents.ofPayment(now, InvoiceEvents.PAYMENT_SETTLED, invoice, payment));
        }
    }

    /** Replaces what is known of a payment; nothing where it is the same. */
    void update(Payment next) {
        Payment before = paymentsOf(next.invoice()).get(next.id());
        if (next.equals(before)) {
            return;
        }
        put(next);
        if (before == null || before.status() == next.status()) {
            return; // a block came or went without a change of status
        }
        String kind = switch (next.status()) {
            case SETTLED -> InvoiceEvents.PAYMENT_SETTLED;
            case PROCESSING -> InvoiceEvents.PAYMENT_UNCONFIRMED;
            case INVALID -> InvoiceEvents.PAYMENT_INVALID;
        };
        events.add(InvoiceEvents.ofPayment(now, kind, touch(next.invoice()), next));
    }

    /**
     * Lets an invoice look at its payments. Late ones do not reach an invoice that has not expired: it expires first.
     */
    void evaluate(InvoiceId id) {
        Collection<Payment> all = paymentsOf(id).values();
        adoptTopUp(id);
        if (isOpen(id) && all.stream().anyMatch(p -> p.late() && p.isAccounted())) {
            step(id, Trigger.PAYMENTS, all.stream().filter(p -> !p.late()).toList());
            step(id, Trigger.EXPIRY, all);
        }
        step(id, Trigger.PAYMENTS, all);
    }

    private boolean isOpen(InvoiceId id) {
        return switch (held(id).state().status()) {
            case NEW, PROCESSING -> true;
            case EXPIRED, SETTLED, INVALID -> false;
        };
    }

    /**
     * Lets time or a person act on an invoice; false where the table does not allow it. One that waits for a block to
     * come again is not given up for the time that takes.
     */
    boolean trigger(InvoiceId id, Trigger trigger) {
        return !(trigger == Trigger.MONITORING_END && waitsAgain(id))
                && step(id, trigger, paymentsOf(id).values());
    }

    /** Replaces an invoice's document fields. */
    void edit(Invoice edited) {
        InvoiceId id = edited.id();
        touch(id);
        this.edited.add(id);
        invoices.put(id, edited.withVersion(held(id).version()));
    }

    /** Marks an invoice as changed by something this book does not hold: its prompts. */
    void touchFor(InvoiceId id) {
        touch(id);
    }

    /** Announces a fact about an invoice. */
    void announce(InvoiceId id, String kind, JsonObject extra) {
        events.add(InvoiceEvents.of(now, kind, held(id), extra));
    }

    /**
     * Writes everything; where the ledger refuses, nothing of it stands. Sent together: while the database does one,
     * the next is on its way. The ledger last: others wait for its accounts.
     *
     * @param tipHeight height of the chain, for deciding which on-chain payments are deep enough to credit; null where
     *     no chain payment can change
     */
    Future<Void> flush(SqlConnection tx, @Nullable Integer tipHeight) {
        Set<String> told = events.stream().map(Event::subject).collect(Collectors.toSet());
        for (InvoiceId id : changed) {
            if (!told.contains(Invoice.subject(id))) {
                announce(id, InvoiceEvents.CHANGED, new JsonObject());
            }
        }
        PaymentLedger.Brought brought = ledger.bring(List.copyOf(dirty.values()), this::storeOf, tipHeight);
        return Db.together(
                repository.savePayments(tx, brought.payments()),
                repository.step(tx, held(id -> !edited.contains(id)), now),
                repository.edit(tx, held(edited::contains), now),
                eventLog.append(tx, events),
                ledger.post(tx, brought));
    }

    /** The moment at which it decides. */
    Instant now() {
        return now;
    }

    private StoreId storeOf(InvoiceId id) {
        return held(id).store();
    }

    private boolean step(InvoiceId id, Trigger trigger, Collection<Payment> counted) {
        Invoice invoice = held(id);
        Msat paid = sum(counted, Payment::isAccounted);
        boolean confirmed = invoice.cover(sum(counted, p -> p.status() == Payment.Status.SETTLED))
                .isFull();
        InvoiceState from = invoice.state();
        InvoiceState standing = trigger == Trigger.PAYMENTS && waitsAgain(id)
                ? new InvoiceState(InvoiceStatus.SETTLED, from.additional())
                : from;
        Optional<InvoiceState> to = InvoiceMachine.next(standing, trigger, invoice.cover(paid), confirmed);
        if (to.isEmpty()) {
            return false;
        }
        Msat allPaid = sum(paymentsOf(id).values(), Payment::isAccounted);
        if (to.get().equals(from) && allPaid.equals(invoice.paid())) {
            return true;
        }
        Invoice after = touch(id).withState(to.get()).withPaid(allPaid);
        invoices.put(id, after);
        events.addAll(InvoiceEvents.ofStep(now, from, after));
        return true;
    }

    /** Whether it was settled until a reorganisation: to its payments it is settled still, and can become invalid. */
    private boolean waitsAgain(InvoiceId id) {
        Invoice invoice = held(id);
        return invoice.state().status() == InvoiceStatus.PROCESSING
                && invoice.cover(sum(paymentsOf(id).values(), p -> p.credits() > 0))
                        .isFull();
    }

    /** The first payment in time for a top-up is its price, as long as it stands; once one is credited, for good. */
    private void adoptTopUp(InvoiceId id) {
        Invoice invoice = held(id);
        InvoiceStatus status = invoice.state().status();
        boolean waits = status == InvoiceStatus.NEW || status == InvoiceStatus.PROCESSING;
        Collection<Payment> all = paymentsOf(id).values();
        if (invoice.kind() != Invoice.Kind.TOP_UP || !waits || all.stream().anyMatch(p -> p.credits() > 0)) {
            return;
        }
        Msat first = all.stream()
                .filter(p -> !p.late() && p.isAccounted() && p.net().value() > 0)
                .map(Payment::net)
                .findFirst()
                .orElse(null);
        if (!Objects.equals(first, invoice.due())) {
            invoices.put(
                    id,
                    touch(id).withAmount(first == null ? null : invoice.rate().worth(first), first));
            edited.add(id);
        }
    }

    private static Msat sum(Collection<Payment> payments, Predicate<Payment> which) {
        return payments.stream().filter(which).map(Payment::net).reduce(Msat.ZERO, Msat::plus);
    }

    /** Marks an invoice as changed; its version grows once. */
    private Invoice touch(InvoiceId id) {
        if (changed.add(id)) {
            Invoice invoice = held(id);
            invoices.put(id, invoice.withVersion(invoice.version() + 1));
        }
        return held(id);
    }

    private List<Invoice> held(Predicate<InvoiceId> which) {
        return changed.stream().filter(which).map(this::held).toList();
    }

    private Invoice held(InvoiceId id) {
        return Objects.requireNonNull(invoices.get(id), "invoice is not in this book");
    }

    private void put(Payment payment) {
        paymentsOf(payment.invoice()).put(payment.id(), payment);
        dirty.put(payment.id(), payment);
    }

    private Map<String, Payment> paymentsOf(InvoiceId id) {
        return payments.computeIfAbsent(id, none -> new LinkedHashMap<>());
    }
}
