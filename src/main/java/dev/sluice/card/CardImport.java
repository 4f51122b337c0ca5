package dev.sluice.card;

import dev.sluice.card.ntag424.AesKey;
import dev.sluice.db.Db;
import dev.sluice.eventlog.EventLog;
import dev.sluice.kernel.CardId;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.FailureException;
import dev.sluice.kernel.Ids;
import dev.sluice.kernel.Money;
import dev.sluice.ledger.Account;
import dev.sluice.ledger.Ledger;
import dev.sluice.ledger.Transfer;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlConnection;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Takes cards of other issuers over: of those whose keys follow from one, as BTCPay Server's, and of those whose cards
 * have random ones, as boltcard's and LNbits'. Keys stay on the chips; nothing is written to them.
 */
public final class CardImport {
    /** In one transaction. */
    private static final int CHUNK = 500;

    private final Db db;
    private final EventLog eventLog;
    private final Ledger ledger;
    private final Clock clock;
    private final Entropy entropy;
    private final Ids ids;

    public CardImport(Db db, EventLog eventLog, Clock clock, Entropy entropy) {
        this.db = db;
        this.eventLog = eventLog;
        this.ledger = new Ledger();
        this.clock = clock;
        this.entropy = entropy;
        this.ids = new Ids(clock, entropy);
    }

    /**
     * What came of it, or would.
     *
     * @param known cards that are here already and are left alone
     * @param corrected cards that are here with other keys or counts, that no tap has shown to be right
     * @param total of the new ones' balances, as people read it
     * @param problems what cannot be taken; where there is any, nothing is written
     */
    public record Report(int fresh, int known, int corrected, String total, List<Problem> problems) {}

    /**
     * Why a card cannot be taken.
     *
     * @param at its place in the file, from 0
     */
    public record Problem(int at, String why) {}

    /**
     * Looks, and imports where {@code apply}. Cards that are here already get no money again, so a run that broke off
     * is repeated; while nobody has tapped them their keys and counts can be corrected by it. Fails with {@code
     * NotFound} for the programme, {@code Rejected} for a missing issuer key and for more issuers than fit.
     *
     * @param issuerKey of which the keys of the cards follow that have none of their own
     */
    public Future<Report> run(
            String programme, Optional<AesKey> issuerKey, List<ImportedCard> cards, Seal seal, boolean apply) {
        ImportIssuers issuers = new ImportIssuers(db, seal, clock, entropy);
        return new ProgrammeRepository(db).find(programme).compose(found -> {
            Programme terms = found.orElseThrow(ProgrammeService::unknown);
            List<ImportIssuers.Origin> origins = cards.stream()
                    .map(card -> ImportIssuers.origin(card, issuerKey))
                    .toList();
            Set<ImportIssuers.Origin> all = new HashSet<>(origins);
            List<Problem> unheld = unheld(terms, cards);
            if (!unheld.isEmpty()) {
                return Future.succeededFuture(new Report(0, 0, 0, terms.money().text(0), unheld));
            }
            return issuers.find(all)
                    .compose(here -> ImportPlan.of(new ImportRepository(db), seal, cards, origins, here)
                            .compose(plan -> apply && plan.problems().isEmpty()
                                    ? issuers.complete(all, here.of())
                                            .compose(complete -> write(terms, plan, origins, complete, seal))
                                            .map(corrected -> report(terms, plan, corrected))
                                    : Future.succeededFuture(
                                            report(terms, plan, plan.wrong().size()))));
        });
    }

    private static Report report(Programme terms, ImportPlan plan, int corrected) {
        long total = plan.fresh().stream()
                .mapToLong(at -> units(terms, plan.cards().get(at)))
                .reduce(0, Math::addExact);
        return new Report(
                plan.fresh().size(), plan.known(), corrected, terms.money().text(total), plan.problems());
    }

    /**
     * A card that is taken over.
     *
     * @param tag its chip, as the issuer knows it
     * @param units its balance
     * @param own its keys, sealed, where they follow from nothing
     */
    record Taken(
            CardId id,
            int issuer,
            ImportedCard card,
            String tag,
            long units,
            @Nullable Buffer own,
            String handle) {}

    private Taken taken(CardId id, Programme terms, ImportedCard card, ImportIssuers.Known issuer, Seal seal) {
        return new Taken(
                id,
                Objects.requireNonNull(issuer.id()),
                card,
                ImportPlan.tag(issuer.key(), card),
                units(terms, card),
                card.own().map(keys -> OwnKeys.close(keys, id, seal, entropy)).orElse(null),
                CardService.handle(entropy));
    }

    /** Those whose balances the currency cannot hold. */
    private static List<Problem> unheld(Programme terms, List<ImportedCard> cards) {
        List<Problem> problems = new ArrayList<>();
        for (int i = 0; i < cards.size(); i++) {
            BigDecimal balance = cards.get(i).balance();
            int decimals = terms.money().currency().exponent();
            try {
                units(terms, cards.get(i));
                if (balance.stripTrailingZeros().scale() > decimals) {
                    problems.add(new Problem(i, "balance has more than " + decimals + " decimals"));
                }
            } catch (IllegalArgumentException | FailureException tooLarge) {
                problems.add(new Problem(i, "balance is too large"));
            }
        }
        return problems;
    }

    private static long units(Programme terms, ImportedCard card) {
        return terms.money().units(Money.of(terms.money().currency(), card.balance()));
    }

    /** Corrects first: where that fails nobody was given money. How many were corrected. */
    private Future<Integer> write(
            Programme terms,
            ImportPlan plan,
            List<ImportIssuers.Origin> origins,
            Map<ImportIssuers.Origin, ImportIssuers.Known> issuers,
            Seal seal) {
        BiFunction<Integer, CardId, Taken> taken = (at, id) ->
                taken(id, terms, plan.cards().get(at), Objects.requireNonNull(issuers.get(origins.get(at))), seal);
        List<Taken> wrong = plan.wrong().entrySet().stream()
                .map(entry -> taken.apply(entry.getKey(), entry.getValue().id()))
                .toList();
        List<Taken> fresh = plan.fresh().stream()
                .map(at -> taken.apply(at, new CardId(ids.next())))
                .toList();
        return inChunks(wrong, this::correct)
                .compose(corrected ->
                        inChunks(fresh, (tx, chunk) -> write(tx, terms, chunk)).map(corrected))
                .onSuccess(done -> eventLog.hint());
    }

    private Future<Integer> inChunks(List<Taken> all, BiFunction<SqlConnection, List<Taken>, Future<Integer>> work) {
        Future<Integer> chain = Future.succeededFuture(0);
        for (int from = 0; from < all.size(); from += CHUNK) {
            List<Taken> chunk = all.subList(from, Math.min(all.size(), from + CHUNK));
            chain = chain.compose(before -> db.tx(tx -> work.apply(tx, chunk)).map(done -> before + done));
        }
        return chain;
    }

    private Future<Integer> write(SqlConnection tx, Programme terms, List<Taken> fresh) {
        Instant now = clock.now();
        String asset = terms.money().asset();
        List<Transfer> transfers = fresh.stream()
                .filter(card -> card.units() > 0)
                .map(card -> Transfer.single(
                        "import:" + card.tag(),
                        Account.cash(asset),
                        Account.card(card.id(), asset),
                        card.units(),
                        "card.import",
                        Card.subject(card.id())))
                .toList();
        CardRepository repository = new CardRepository(db);
        return new ImportRepository(db)
                .take(tx, terms, fresh, now)
                .compose(taken -> ledger.post(tx, transfers))
                .compose(posted ->
                        repository.lock(tx, fresh.stream().map(Taken::id).toList()))
                .compose(cards -> eventLog.append(
                        tx,
                        cards.stream()
                                .map(card -> CardEvents.of(
                                        now, CardEvents.ISSUED, card, new JsonObject().put("imported", true)))
                                .toList()))
                .map(fresh.size());
    }

    /** Cards that were tapped meanwhile are left alone; how many were not. */
    private Future<Integer> correct(SqlConnection tx, List<Taken> wrong) {
        ImportRepository repository = new ImportRepository(db);
        return repository
                .lockUntouched(tx, wrong.stream().map(Taken::id).toList())
                .compose(locked -> {
                    Set<CardId> still = locked.stream().map(Card::id).collect(Collectors.toSet());
                    return repository.correct(
                            tx,
                            wrong.stream()
                                    .filter(card -> still.contains(card.id()))
                                    .toList());
                })
                .compose(after -> eventLog.append(
                                tx,
                                after.stream()
                                        .map(card -> CardEvents.of(
                                                clock.now(),
                                                CardEvents.CHANGED,
                                                card,
                                                new JsonObject().put("imported", true)))
                                        .toList())
                        .map(after.size()));
    }

    /** Seals every key with another master key, all or none; how many. */
    public Future<Integer> reseal(Seal from, Seal to) {
        return new IssuerRepository(db).reseal(from, to, entropy);
    }
}
