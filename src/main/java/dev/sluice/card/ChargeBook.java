package dev.sluice.card;

import dev.sluice.db.Db;
import dev.sluice.eventlog.Event;
import dev.sluice.eventlog.EventLog;
import dev.sluice.invoice.InvoiceService;
import dev.sluice.invoice.Tenders;
import dev.sluice.kernel.CardId;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.InvoiceId;
import dev.sluice.ledger.Ledger;
import dev.sluice.ledger.Outcome;
import dev.sluice.ledger.Transfer;
import dev.sluice.lightning.Outgoing;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides a batch of charges of different cards in one transaction: cards locked, rules, ledger, then cards, charges
 * and events. All or nothing of the batch commits; one declined charge declines no other.
 */
final class ChargeBook {
    private static final Logger log = LoggerFactory.getLogger(ChargeBook.class);

    /** Payments over Lightning of one card that have not ended. */
    private static final int UNDER_WAY_MAX = 5;

    private final ChargeRepository repository;
    private final InvoiceService invoices;
    private final Payouts payments;
    private final Ledger ledger;
    private final EventLog eventLog;

    ChargeBook(
            ChargeRepository repository, Ledger ledger, EventLog eventLog, InvoiceService invoices, Payouts payments) {
        this.repository = repository;
        this.invoices = invoices;
        this.payments = payments;
        this.ledger = ledger;
        this.eventLog = eventLog;
    }

    /**
     * What came of one.
     *
     * @param replayed whether it was made before, by the same request or the same tap
     * @param failure why the request cannot be taken at all; null where it was
     */
    record Result(
            @Nullable Charge charge,
            boolean replayed,
            @Nullable Throwable failure) {
        static Result of(Charge charge) {
            return new Result(charge, false, null);
        }

        static Result replay(Charge charge) {
            return new Result(charge, true, null);
        }
    }

    /** Results in the order of the asks; no two asks share a card or a request. */
    Future<List<Result>> decide(SqlConnection tx, List<ChargeAsk> asks, Instant now, Care care) {
        return read(tx, asks, now, care).compose(items -> {
            items.stream()
                    .filter(ChargeItem::isOpen)
                    .forEach(item -> item.no = ChargeRules.judge(
                                    item.held.card(), item.programme, item.spent, item.ask, item.units, now)
                            .orElse(null));
            return repeats(tx, items, now)
                    .compose(seen -> elsewhere(tx, items))
                    .compose(own -> held(tx, items))
                    .compose(few -> tenders(tx, items))
                    .compose(tenders -> pay(tx, items)
                            .compose(paid -> bills(tx, items, tenders))
                            .compose(billed -> payouts(tx, items)))
                    .compose(paid -> write(tx, items, now))
                    .map(written -> items.stream()
                            .map(item -> Objects.requireNonNull(item.done))
                            .toList());
        });
    }

    /** Locks first; what is read behind the lock is read after it is held. */
    private Future<List<ChargeItem>> read(SqlConnection tx, List<ChargeAsk> asks, Instant now, Care care) {
        List<String> terms = asks.stream()
                .map(ask -> ask.tap().card().programme())
                .distinct()
                .toList();
        List<byte[]> requests = asks.stream()
                .map(ChargeAsk::request)
                .filter(Objects::nonNull)
                .map(ChargeAsk.Request::key)
                .toList();
        Future<Map<CardId, TapRepository.Held>> locked =
                TapRepository.lock(tx, asks.stream().map(ChargeAsk::tap).toList(), care);
        Future<List<Programme>> programmes = ProgrammeRepository.find(tx, terms);
        Future<Map<String, ChargeRepository.Made>> made = repository.made(tx, requests);
        return Db.together(locked, programmes, made).compose(all -> {
            Map<String, Programme> byId =
                    programmes.result().stream().collect(Collectors.toMap(Programme::id, Function.identity()));
            return spent(tx, locked.result(), byId, now)
                    .map(spent -> items(asks, locked.result(), byId, spent, made.result()));
        });
    }

    /** Looks back only for cards whose terms ask for it. */
    private Future<Map<CardId, Spent>> spent(
            SqlConnection tx, Map<CardId, TapRepository.Held> held, Map<String, Programme> programmes, Instant now) {
        List<CardId> limited = held.values().stream()
                .map(TapRepository.Held::card)
                .filter(card -> {
                    Programme terms = Objects.requireNonNull(programmes.get(card.programme()));
                    return terms.rules().velocity() != null
                            || card.limits().and(terms.limits()).looksBack();
                })
                .map(Card::id)
                .toList();
        return limited.isEmpty() ? Future.succeededFuture(Map.of()) : repository.spent(tx, limited, now);
    }

    private static List<ChargeItem> items(
            List<ChargeAsk> asks,
            Map<CardId, TapRepository.Held> locked,
            Map<String, Programme> byId,
            Map<CardId, Spent> spent,
            Map<String, ChargeRepository.Made> made) {
        List<ChargeItem> items = new ArrayList<>(asks.size());
        for (ChargeAsk ask : asks) {
            CardId id = ask.tap().card().id();
            TapRepository.Held held = Objects.requireNonNull(locked.get(id), "cards are never deleted");
            Programme programme = Objects.requireNonNull(byId.get(held.card().programme()), "so are programmes");
            ChargeItem item = new ChargeItem(ask, held, programme, spent.getOrDefault(id, Spent.NOTHING));
            item.done = replay(ask.request(), made);
            items.add(item);
        }
        return items;
    }

    /**
     * The charge of an invoice that a request made already, by its key, or without one by its tap. Fails with {@code
     * Mismatch} where the key was used for something else.
     */
    Future<Optional<Charge>> answered(
            SqlConnection tx, Optional<ChargeAsk.Request> request, Shown tap, InvoiceId invoice, Instant now) {
        if (request.isEmpty()) {
            return standing(tx, tap, now).map(found -> found.filter(charge -> invoice.equals(charge.invoice())));
        }
        return repository.made(tx, List.of(request.get().key())).compose(made -> {
            Result before = replay(request.get(), made);
            return before != null && before.failure() != null
                    ? Future.failedFuture(before.failure())
                    : Future.succeededFuture(Optional.ofNullable(before == null ? null : before.charge()));
        });
    }

    /** What a tap paid, or ordered to be paid, as long as that stands: who heard no answer asks again. */
    Future<Optional<Charge>> standing(SqlConnection tx, Shown tap, Instant now) {
        return repository.ofTap(tx, tap).map(found -> found.filter(charge -> charge.stands(now)));
    }

    private static @Nullable Result replay(
            ChargeAsk.@Nullable Request request, Map<String, ChargeRepository.Made> made) {
        ChargeRepository.Made before =
                request == null ? null : made.get(HexFormat.of().formatHex(request.key()));
        if (request == null || before == null) {
            return null;
        }
        return before.requestHash().equals(HexFormat.of().formatHex(request.hash()))
                ? Result.replay(before.charge())
                : new Result(
                        null,
                        false,
                        new Failure.Mismatch(
                                        "idempotency-key-mismatch", "This Idempotency-Key was used for another request")
                                .exception());
    }

    /**
     * A terminal that heard no answer asks again with the same tap: it gets the answer, not another charge. Only soon,
     * only while the charge stands, and only where no request key says which sale it is: an old tap is no second sale.
     */
    private Future<Void> repeats(SqlConnection tx, List<ChargeItem> items, Instant now) {
        Future<Void> chain = Future.succeededFuture();
        for (ChargeItem item : items) {
            boolean dead = item.no == Decline.REPLAYED || item.no == Decline.STALE;
            if (dead && item.ask.request() == null) {
                chain = chain.compose(done -> standing(tx, item.ask.tap(), now)).map(found -> {
                    found.filter(charge -> charge.isSame(item.ask))
                            .ifPresent(charge -> item.done = Result.replay(charge));
                    return null;
                });
            }
        }
        return chain;
    }

    /** A tap is shown to one merchant: what another was shown and refused says nothing to this one. */
    private Future<Void> elsewhere(SqlConnection tx, List<ChargeItem> items) {
        Future<Void> chain = Future.succeededFuture();
        for (ChargeItem item : items) {
            Instant shown = item.shownBefore();
            if (item.isOpen() && shown != null && item.isAtTerminal()) {
                chain = chain.compose(done -> repository.isElsewhere(
                                tx, item.ask.tap(), shown, item.ask.terminal().store()))
                        .map(elsewhere -> {
                            item.no = elsewhere ? Decline.REPLAYED : null;
                            return null;
                        });
            }
        }
        return chain;
    }

    /** Payments that a payee holds up take a place of the node's for days: a card has few. */
    private Future<Void> held(SqlConnection tx, List<ChargeItem> items) {
        Future<Void> chain = Future.succeededFuture();
        for (ChargeItem item : items) {
            if (item.isOpen() && item.ask.payout() != null) {
                chain = chain.compose(
                                done -> repository.underWay(tx, item.held.card().id()))
                        .map(count -> {
                            item.no = count < UNDER_WAY_MAX ? null : Decline.VELOCITY;
                            return null;
                        });
            }
        }
        return chain;
    }

    /** Locks the invoices that are to be paid, after the cards and before the accounts. */
    private Future<Tenders> tenders(SqlConnection tx, List<ChargeItem> items) {
        List<InvoiceId> ids = items.stream()
                .filter(ChargeItem::isOpen)
                .map(item -> item.ask.invoice())
                .filter(Objects::nonNull)
                .distinct()
                .toList();
        return invoices.tenders(tx, ids).map(tenders -> {
            Set<InvoiceId> taken = new HashSet<>();
            items.stream()
                    .filter(item -> item.isOpen() && item.ask.bill() != null)
                    .forEach(item -> {
                        ChargeAsk.Bill bill = Objects.requireNonNull(item.ask.bill());
                        boolean payable = tenders.open(bill.invoice())
                                .filter(open -> open.remaining().equals(bill.remaining())
                                        && open.store()
                                                .equals(item.ask.terminal().store()))
                                .isPresent();
                        if (!payable || !taken.add(bill.invoice())) {
                            item.no = Decline.INVOICE_NOT_PAYABLE;
                        }
                    });
            return tenders;
        });
    }

    private static Future<Void> bills(SqlConnection tx, List<ChargeItem> items, Tenders tenders) {
        List<ChargeItem> billed = items.stream()
                .filter(item -> item.isOpen() && item.ask.bill() != null && item.ask.capture())
                .toList();
        billed.forEach(item -> {
            ChargeAsk.Bill bill = Objects.requireNonNull(item.ask.bill());
            tenders.pay(
                    bill.invoice(),
                    item.ask.id(),
                    bill.remaining(),
                    item.ask.terminal().name());
        });
        return billed.isEmpty() ? Future.succeededFuture() : tenders.flush(tx);
    }

    private Future<Void> payouts(SqlConnection tx, List<ChargeItem> items) {
        Future<Void> chain = Future.succeededFuture();
        for (ChargeItem item : items) {
            Outgoing.Order order = item.ask.payout();
            if (item.isOpen() && order != null) {
                chain = chain.compose(done -> payments.intend(tx, order)).mapEmpty();
            }
        }
        return chain;
    }

    private Future<Void> pay(SqlConnection tx, List<ChargeItem> items) {
        List<ChargeItem> paying = items.stream().filter(ChargeItem::isOpen).toList();
        List<Transfer> transfers = paying.stream().map(ChargeItem::transfer).toList();
        return made(tx, transfers).compose(outcomes -> {
            List<Transfer> spreads = new ArrayList<>();
            for (int i = 0; i < paying.size(); i++) {
                ChargeItem item = paying.get(i);
                item.no = refusal(item, outcomes.get(i));
                if (item.no == null && item.spread > 0 && item.ask.capture()) {
                    spreads.add(item.spreadTransfer());
                }
            }
            return ledger.post(tx, spreads);
        });
    }

    /**
     * A tap that may pay has never paid. Should the books say otherwise, the batch fails, and its charges are told
     * apart one by one.
     */
    private Future<List<Outcome>> made(SqlConnection tx, List<Transfer> transfers) {
        return transfers.size() == 1 ? ledger.apply(tx, transfers) : ledger.applyNew(tx, transfers);
    }

    private static @Nullable Decline refusal(ChargeItem item, Outcome outcome) {
        return switch (outcome) {
            case CREATED -> null;
            case INSUFFICIENT -> Decline.INSUFFICIENT;
            case EXISTS, EXISTS_DIFFERENT, STALE, ACCOUNT_MISSING -> {
                log.error(
                        "card.charge.books card={} counter={} outcome={}",
                        item.held.card().id(),
                        item.ask.tap().counter(),
                        outcome);
                yield Decline.REPLAYED;
            }
        };
    }

    private Future<Void> write(SqlConnection tx, List<ChargeItem> items, Instant now) {
        List<TapRepository.Move> moves = new ArrayList<>();
        List<ChargeRepository.Added> added = new ArrayList<>();
        List<Event> events = new ArrayList<>();
        for (ChargeItem item : items) {
            if (item.done != null) {
                continue;
            }
            Charge charge = item.charge(now);
            item.done = Result.of(charge);
            if (item.no != null && item.no.isOfTap()) {
                events.addAll(refused(item, charge, now));
                continue; // a tap that is not the newest moves nothing
            }
            Card after = item.after(now);
            moves.add(new TapRepository.Move(item.held, after));
            added.add(new ChargeRepository.Added(charge, item.ask.request()));
            events.addAll(item.events(after, charge, now));
        }
        // Sent together: they depend on nothing of each other, and the accounts are locked meanwhile.
        return Db.together(TapRepository.move(tx, moves), repository.add(tx, added), eventLog.append(tx, events));
    }

    /** The terminal learns nothing; the issuer learns what it was. */
    private static List<Event> refused(ChargeItem item, Charge charge, Instant now) {
        log.info("card.tap.refused card={} counter={} why={}", item.held.card().id(), charge.counter(), item.no);
        return item.no == Decline.REPLAYED || item.no == Decline.OLD_KEYS
                ? List.of(item.suspected(now, item.no == Decline.REPLAYED ? "replay" : "old-keys"))
                : List.of();
    }
}
