package dev.sluice.card;

import dev.sluice.card.ntag424.AesKey;
import dev.sluice.card.ntag424.IssuerKey;
import dev.sluice.db.Db;
import dev.sluice.eventlog.EventLog;
import dev.sluice.kernel.CardId;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.Ids;
import dev.sluice.kernel.Money;
import dev.sluice.ledger.Account;
import dev.sluice.ledger.Ledger;
import dev.sluice.ledger.Transfer;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlConnection;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
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
     * @param known cards that are here already; they are left alone
     * @param total of the new ones' balances, as people read it
     */
    public record Report(int fresh, int known, String total) {}

    /**
     * Looks, and imports where {@code apply}. Cards that are here already are left alone, so a run that broke off is
     * repeated. Fails with {@code NotFound} for the programme, {@code Rejected} for a balance that its currency cannot
     * hold, for a missing issuer key, and for more issuers than fit.
     *
     * @param issuerKey of which the keys of the cards follow that have none of their own
     */
    public Future<Report> run(
            String programme, Optional<AesKey> issuerKey, List<ImportedCard> cards, Seal seal, boolean apply) {
        ImportIssuers issuers = new ImportIssuers(db, seal, clock, entropy);
        return new ProgrammeRepository(db).find(programme).compose(found -> {
            Programme terms = found.orElseThrow(() ->
                    new Failure.NotFound("card-programme-not-found", "The card programme was not found").exception());
            List<ImportIssuers.Origin> origins = cards.stream()
                    .map(card -> ImportIssuers.origin(card, issuerKey))
                    .toList();
            Set<ImportIssuers.Origin> all = new HashSet<>(origins);
            cards.forEach(card -> units(terms, card)); // all are looked at before any is taken
            return issuers.find(all)
                    .compose(here -> fresh(cards, origins, here).compose(fresh -> {
                        long total = fresh.stream()
                                .mapToLong(at -> units(terms, cards.get(at)))
                                .reduce(0, Math::addExact);
                        Report report = new Report(
                                fresh.size(),
                                cards.size() - fresh.size(),
                                terms.money().text(total));
                        return apply && !fresh.isEmpty()
                                ? issuers.complete(all, here)
                                        .compose(complete -> write(
                                                terms,
                                                fresh.stream()
                                                        .map(at -> taken(
                                                                terms,
                                                                cards.get(at),
                                                                Objects.requireNonNull(complete.get(origins.get(at))),
                                                                seal))
                                                        .toList()))
                                        .map(report)
                                : Future.succeededFuture(report);
                    }));
        });
    }

    /** Which of the cards were never here. */
    private Future<List<Integer>> fresh(
            List<ImportedCard> cards,
            List<ImportIssuers.Origin> origins,
            Map<ImportIssuers.Origin, ImportIssuers.Known> here) {
        Map<Integer, String> tags = new HashMap<>();
        for (int i = 0; i < cards.size(); i++) {
            ImportIssuers.Known issuer = here.get(origins.get(i));
            if (issuer != null) {
                tags.put(i, tag(issuer.key(), cards.get(i)));
            }
        }
        return new CardRepository(db)
                .knownChips(tags.values())
                .map(known -> IntStream.range(0, cards.size())
                        .filter(at -> !known.contains(tags.getOrDefault(at, "")))
                        .boxed()
                        .toList());
    }

    private static String tag(IssuerKey issuer, ImportedCard card) {
        return HexFormat.of().formatHex(issuer.cardId(card.uid()));
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

    private Taken taken(Programme terms, ImportedCard card, ImportIssuers.Known issuer, Seal seal) {
        CardId id = new CardId(ids.next());
        return new Taken(
                id,
                Objects.requireNonNull(issuer.id()),
                card,
                tag(issuer.key(), card),
                units(terms, card),
                card.own().map(keys -> OwnKeys.close(keys, id, seal, entropy)).orElse(null),
                CardService.handle(entropy));
    }

    private static long units(Programme terms, ImportedCard card) {
        int decimals = terms.money().currency().exponent();
        if (card.balance().stripTrailingZeros().scale() > decimals) {
            throw new Failure.Rejected("balance-too-fine", card.balance() + " has more than " + decimals + " decimals")
                    .exception();
        }
        return terms.money().units(Money.of(terms.money().currency(), card.balance()));
    }

    private Future<Void> write(Programme terms, List<Taken> fresh) {
        Future<Void> chain = Future.succeededFuture();
        for (int from = 0; from < fresh.size(); from += CHUNK) {
            List<Taken> chunk = fresh.subList(from, Math.min(fresh.size(), from + CHUNK));
            chain = chain.compose(done -> db.tx(tx -> write(tx, terms, chunk)));
        }
        return chain.onSuccess(done -> eventLog.hint());
    }

    private Future<Void> write(SqlConnection tx, Programme terms, List<Taken> fresh) {
        Instant now = clock.now().truncatedTo(ChronoUnit.MICROS);
        String asset = terms.money().asset();
        List<Transfer> transfers = fresh.stream()
                .filter(card -> card.units() > 0)
                .map(card -> Transfer.single(
                        "import:" + card.tag(),
                        Account.cash(asset),
                        Account.card(card.id(), asset),
                        card.units(),
                        "card.import",
                        "card:" + card.id()))
                .toList();
        CardRepository repository = new CardRepository(db);
        return repository
                .take(tx, terms, fresh, now)
                .compose(taken -> ledger.post(tx, transfers))
                .compose(posted ->
                        repository.lock(tx, fresh.stream().map(Taken::id).toList()))
                .compose(cards -> eventLog.append(
                        tx,
                        cards.stream()
                                .map(card -> CardEvents.of(
                                        now, CardEvents.ISSUED, card, new JsonObject().put("imported", true)))
                                .toList()));
    }

    /** Seals every key with another master key, all or none; how many. */
    public Future<Integer> reseal(Seal from, Seal to) {
        return new IssuerRepository(db).reseal(from, to, entropy);
    }
}
