package dev.sluice.card;

import dev.sluice.db.Db;
import dev.sluice.db.Recent;
import dev.sluice.eventlog.Event;
import dev.sluice.eventlog.EventLog;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.Ids;
import dev.sluice.kernel.StoreId;
import dev.sluice.ledger.Account;
import dev.sluice.ledger.Ledger;
import dev.sluice.ledger.Transfer;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlConnection;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Programmes and terminals. Mutations run in the caller's transaction; after its commit it says {@link #changed()}. */
final class ProgrammeService {
    /** Programmes and terminals of a store, factories of a programme: none is deleted, all are listed at once. */
    static final int KEPT_MAX = 10_000;

    /** How long this process may quote by terms, or take a terminal, as another process changed them. */
    private static final Duration REMEMBERED_FOR = Duration.ofSeconds(2);

    private static final int REMEMBERED_MAX = 10_000;

    private final ProgrammeRepository repository;
    private final Ledger ledger;
    private final EventLog eventLog;
    private final Clock clock;
    private final Ids ids;
    private final Recent<String, Programme> programmes;
    private final Recent<String, Terminal> terminals;

    ProgrammeService(Db db, Ledger ledger, EventLog eventLog, Clock clock, Entropy entropy) {
        this.repository = new ProgrammeRepository(db);
        this.ledger = ledger;
        this.eventLog = eventLog;
        this.clock = clock;
        this.ids = new Ids(clock, entropy);
        this.programmes = new Recent<>(clock, REMEMBERED_FOR, REMEMBERED_MAX, repository::find);
        this.terminals = new Recent<>(clock, REMEMBERED_FOR, REMEMBERED_MAX, repository::terminal);
    }

    /** As it was a moment ago: for quotes, never for a decision. */
    Future<Programme> recent(String id) {
        return programmes
                .get(id)
                .map(found -> found.orElseThrow(() -> new IllegalStateException("no programme " + id)));
    }

    /** A programme of a store; fails with {@code NotFound}. */
    Future<Programme> get(StoreId store, String id) {
        Future<Optional<Programme>> found =
                Ids.isId(id) ? repository.find(id) : Future.succeededFuture(Optional.empty());
        return found.map(p -> p.filter(it -> it.store().equals(store)).orElseThrow(ProgrammeService::unknown));
    }

    Future<List<Programme>> list(StoreId store) {
        return repository.list(store);
    }

    /** Fails with {@code Conflict} where the store has as many as fit. */
    Future<Programme> create(SqlConnection tx, StoreId store, ProgrammeTerms terms) {
        Programme programme = terms.programme(ids.next(), store, clock.now());
        return repository.add(tx, programme, KEPT_MAX).compose(added -> {
            fits(added, "programmes");
            return append(tx, "cardprogramme.created", programme);
        });
    }

    Future<Programme> update(SqlConnection tx, StoreId store, String id, ProgrammeTerms terms) {
        return change(tx, store, id, before -> terms.changed(before));
    }

    Future<Programme> archive(SqlConnection tx, StoreId store, String id, boolean archived) {
        return change(tx, store, id, before -> ProgrammeTerms.archived(before, archived));
    }

    private Future<Programme> change(SqlConnection tx, StoreId store, String id, UnaryOperator<Programme> change) {
        return locked(tx, store, id).compose(before -> {
            Programme after = change.apply(before);
            return repository.save(tx, after).compose(saved -> append(tx, "cardprogramme.updated", after));
        });
    }

    private Future<Programme> locked(SqlConnection tx, StoreId store, String id) {
        return repository
                .lock(tx, id)
                .map(p -> p.filter(it -> it.store().equals(store)).orElseThrow(ProgrammeService::unknown));
    }

    /** Sets money of the operator aside for a programme's cards. */
    Future<Programme> fund(SqlConnection tx, StoreId store, String id, long units, @Nullable String reference) {
        return locked(tx, store, id).compose(programme -> {
            String asset = programme.money().asset();
            Transfer transfer = Transfer.single(
                    "funding:" + ids.next(),
                    Account.cash(asset),
                    Account.funding(id, asset),
                    units,
                    "card.funding",
                    programme.subject());
            JsonObject facts = new JsonObject()
                    .put("programmeId", id)
                    .put("amount", programme.money().text(units))
                    .put("currency", programme.money().currency().code())
                    .put("reference", reference);
            Event event = new Event(
                    clock.now(), "cardprogramme.funded", store, programme.subject(), programme.version(), facts);
            return ledger.post(tx, List.of(transfer))
                    .compose(posted -> eventLog.append(tx, List.of(event)))
                    .map(programme);
        });
    }

    /** A terminal of a store that takes cards; fails with {@code NotFound}, or {@code Rejected} where it is off. */
    Future<Terminal> terminal(StoreId store, String id) {
        Future<Optional<Terminal>> found = Ids.isId(id) ? terminals.get(id) : Future.succeededFuture(Optional.empty());
        return found.map(t -> usable(t.orElseThrow(ProgrammeService::unknownTerminal), store));
    }

    /** What anyone may see of a terminal. */
    Future<Optional<TerminalView>> view(String id) {
        return Ids.isId(id)
                ? repository.terminal(id).map(found -> found.map(t -> new TerminalView(t.id(), t.store(), t.name())))
                : Future.succeededFuture(Optional.empty());
    }

    /** A terminal whatever its state. */
    Future<Terminal> anyTerminal(StoreId store, String id) {
        Future<Optional<Terminal>> found =
                Ids.isId(id) ? repository.terminal(id) : Future.succeededFuture(Optional.empty());
        return found.map(t -> t.filter(it -> it.store().equals(store)).orElseThrow(ProgrammeService::unknownTerminal));
    }

    Future<List<Terminal>> terminals(StoreId store) {
        return repository.terminals(store);
    }

    /** Fails with {@code Conflict} where the store has as many as fit. */
    Future<Terminal> addTerminal(
            SqlConnection tx, StoreId store, String name, @Nullable String category, boolean enabled) {
        Terminal terminal = new Terminal(ids.next(), store, name, category, enabled, 1, clock.now());
        return repository.add(tx, terminal, KEPT_MAX).map(added -> {
            fits(added, "terminals");
            return terminal;
        });
    }

    Future<Terminal> saveTerminal(SqlConnection tx, Terminal terminal) {
        return repository.save(tx, terminal).map(terminal);
    }

    /** A mutation was committed: nothing remembered is believed any more. */
    void changed() {
        programmes.forget();
        terminals.forget();
        eventLog.hint();
    }

    private Future<Programme> append(SqlConnection tx, String kind, Programme programme) {
        JsonObject facts = new JsonObject().put("programmeId", programme.id()).put("name", programme.name());
        Event event = new Event(clock.now(), kind, programme.store(), programme.subject(), programme.version(), facts);
        return eventLog.append(tx, List.of(event)).map(programme);
    }

    private static Terminal usable(Terminal terminal, StoreId store) {
        if (!terminal.store().equals(store)) {
            throw unknownTerminal();
        }
        if (!terminal.enabled()) {
            throw new Failure.Rejected("terminal-disabled", "This terminal is switched off").exception();
        }
        return terminal;
    }

    /** Throws {@code Conflict} where something was not added because there are as many as are kept. */
    static void fits(boolean added, String things) {
        if (!added) {
            throw new Failure.Conflict("too-many-" + things, "No more than " + KEPT_MAX + " " + things + " fit")
                    .exception();
        }
    }

    static RuntimeException unknown() {
        return new Failure.NotFound("card-programme-not-found", "The card programme was not found").exception();
    }

    private static RuntimeException unknownTerminal() {
        return new Failure.NotFound("terminal-not-found", "The terminal was not found").exception();
    }
}
