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
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlConnection;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * Takes cards of other deterministic issuers over, as BTCPay Server's: their issuer key, versions, counters and
 * balances. Keys stay on the chips; nothing is written to them.
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
     * hold.
     *
     * @param issuerKey 16 bytes, of which all keys of the cards follow
     */
    public Future<Report> run(String programme, AesKey issuerKey, List<ImportedCard> cards, Seal seal, boolean apply) {
        IssuerKey issuer = new IssuerKey(issuerKey);
        return new ProgrammeRepository(db).find(programme).compose(found -> {
            Programme terms = found.orElseThrow(() ->
                    new Failure.NotFound("card-programme-not-found", "The card programme was not found").exception());
            List<Long> units = cards.stream().map(card -> units(terms, card)).toList();
            List<String> tags = cards.stream()
                    .map(card -> HexFormat.of().formatHex(issuer.cardId(card.uid())))
                    .toList();
            return known(tags).compose(known -> {
                List<Fresh> fresh = new ArrayList<>();
                long total = 0;
                for (int i = 0; i < cards.size(); i++) {
                    if (!known.containsKey(tags.get(i))) {
                        fresh.add(new Fresh(cards.get(i), tags.get(i), units.get(i)));
                        total = Math.addExact(total, units.get(i));
                    }
                }
                Report report = new Report(
                        fresh.size(), cards.size() - fresh.size(), terms.money().text(total));
                return apply && !fresh.isEmpty()
                        ? issuerId(issuerKey, seal)
                                .compose(id -> write(terms, id, fresh))
                                .map(report)
                        : Future.succeededFuture(report);
            });
        });
    }

    /** A card that is not here yet. */
    record Fresh(ImportedCard card, String tag, long units) {}

    private static long units(Programme terms, ImportedCard card) {
        int decimals = terms.money().currency().exponent();
        if (card.balance().stripTrailingZeros().scale() > decimals) {
            throw new Failure.Rejected("balance-too-fine", card.balance() + " has more than " + decimals + " decimals")
                    .exception();
        }
        return terms.money().units(Money.of(terms.money().currency(), card.balance()));
    }

    private Future<Map<String, Card>> known(List<String> tags) {
        return tags.isEmpty()
                ? Future.succeededFuture(Map.of())
                : new CardRepository(db).byTags(List.of(tags)).map(List::getFirst);
    }

    /** The issuer's row; a key that is here already is not added again. */
    private Future<Integer> issuerId(AesKey key, Seal seal) {
        IssuerRepository repository = new IssuerRepository(db);
        return repository.all().compose(rows -> {
            for (IssuerRepository.Sealed row : rows) {
                if (new AesKey(seal.open(row.sealed(), IssuerRepository.PURPOSE)).equals(key)) {
                    return Future.succeededFuture(row.id());
                }
            }
            if (rows.size() >= dev.sluice.card.ntag424.CardReader.ISSUERS_MAX) {
                return Future.failedFuture(
                        new Failure.Rejected("too-many-issuers", "No more issuer keys fit").exception());
            }
            return repository.add(seal, key.bytes(), false, clock.now(), entropy);
        });
    }

    private Future<Void> write(Programme terms, int issuer, List<Fresh> fresh) {
        Future<Void> chain = Future.succeededFuture();
        for (int from = 0; from < fresh.size(); from += CHUNK) {
            List<Fresh> chunk = fresh.subList(from, Math.min(fresh.size(), from + CHUNK));
            chain = chain.compose(done -> db.tx(tx -> write(tx, terms, issuer, chunk)));
        }
        return chain.onSuccess(done -> eventLog.hint());
    }

    private Future<Void> write(SqlConnection tx, Programme terms, int issuer, List<Fresh> fresh) {
        Instant now = clock.now().truncatedTo(ChronoUnit.MICROS);
        List<CardId> made = fresh.stream().map(card -> new CardId(ids.next())).toList();
        List<Transfer> transfers = new ArrayList<>();
        for (int i = 0; i < fresh.size(); i++) {
            if (fresh.get(i).units() > 0) {
                String asset = terms.money().asset();
                transfers.add(Transfer.single(
                        "import:" + fresh.get(i).tag(),
                        Account.cash(asset),
                        Account.card(made.get(i), asset),
                        fresh.get(i).units(),
                        "card.import",
                        "card:" + made.get(i)));
            }
        }
        CardRepository repository = new CardRepository(db);
        return repository
                .take(tx, terms, issuer, made, fresh, now)
                .compose(taken -> ledger.post(tx, transfers))
                .compose(posted -> repository.lock(tx, made))
                .compose(cards -> eventLog.append(
                        tx,
                        cards.stream()
                                .map(card -> CardEvents.of(
                                        now, CardEvents.ISSUED, card, new JsonObject().put("imported", true)))
                                .toList()));
    }

    /** Seals every issuer key with another master key, all or none; how many. */
    public Future<Integer> reseal(Seal from, Seal to) {
        return new IssuerRepository(db).reseal(from, to, entropy);
    }
}
