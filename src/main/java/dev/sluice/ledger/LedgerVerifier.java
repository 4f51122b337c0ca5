package dev.sluice.ledger;

import dev.sluice.db.Db;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Proves what must always hold of the books, within one snapshot:
 *
 * <ul>
 *   <li>debits equal credits, posted and pending, in each asset;
 *   <li>stored balances are the sums of the transfers (single and post are posted; a reservation without an end is
 *       pending);
 *   <li>no guarded account spends more than it has;
 *   <li>every post and void ends a reservation of its own accounts, within its amount, and none is ended twice;
 *   <li>both accounts of a transfer exist and count the same asset.
 * </ul>
 */
public final class LedgerVerifier {
    /** Drifts reported of each sort; more of the same say nothing new. */
    private static final int DRIFTS_MAX = 100;

    private static final Duration SLICE_MAX = Duration.ofMinutes(1);
    /** Accounts whose balances one quick run recounts; all are visited in turn. */
    private static final int SLICE_ACCOUNTS = 50;
    /** Transfers on a side of an account from which on it is left to {@link #verify()}: some seconds of counting. */
    private static final int TRANSFERS_MAX = 2_000_000;

    private static final Map<String, String> CHECKS = Map.of(
            "reservation", LedgerVerifierSql.ENDS,
            "double-end", LedgerVerifierSql.DOUBLE_ENDS,
            "accounts", LedgerVerifierSql.ACCOUNTS);
    private static final Map<String, String> TOTALS =
            Map.of("unbalanced", LedgerVerifierSql.UNBALANCED, "negative", LedgerVerifierSql.NEGATIVE);

    /**
     * Something that must not be.
     *
     * @param check which rule it breaks
     * @param subject account, asset or transfer
     * @param detail figures, for people
     */
    public record Drift(String check, String subject, String detail) {}

    /** What was found: nothing, it is to be hoped. */
    public record Report(long accounts, long transfers, List<Drift> drifts) {
        public Report {
            drifts = List.copyOf(drifts);
        }

        public boolean sound() {
            return drifts.isEmpty();
        }
    }

    /** Looking at all accounts rests this many times as long as it took: a thousandth of one core, however many. */
    private static final int TOTALS_REST = 1_000;

    private static final Duration TOTALS_MAX = Duration.ofMinutes(2);

    private final Db db;
    private final int transfersMax;
    private List<Drift> lastTotals = List.of();
    private long totalsFrom = System.nanoTime();
    private long sliceAfter;
    private int sliceAccounts = SLICE_ACCOUNTS;
    private Future<Report> quick = Future.failedFuture("not asked yet");

    public LedgerVerifier(Db db) {
        this(db, TRANSFERS_MAX);
    }

    LedgerVerifier(Db db, int transfersMax) {
        this.db = db;
        this.transfersMax = transfersMax;
    }

    /** Proves everything, at most for half an hour. */
    public Future<Report> verify() {
        Tuple all = Tuple.of(DRIFTS_MAX, Integer.MAX_VALUE);
        return db.snapshot(Db.SNAPSHOT_MAX, tx -> {
            List<Drift> drifts = new ArrayList<>();
            return run(tx, TOTALS, drifts)
                    .compose(done -> run(tx, CHECKS, drifts))
                    .compose(done -> balances(tx, LedgerVerifierSql.BALANCES, all, drifts))
                    .compose(done -> Db.run(tx, LedgerVerifierSql.COUNTS, Tuple.tuple()))
                    .map(rows -> {
                        Row counts = rows.iterator().next();
                        return new Report(counts.getLong("accounts"), counts.getLong("transfers"), drifts);
                    });
        });
    }

    /**
     * The check of every minute: totals of each asset and guarded accounts, as they were found last, and the balances
     * of the next few accounts against their transfers, unless those are millions. Asked again before it has answered,
     * it gives the same answer. For one context.
     */
    public Future<Report> quick() {
        if (quick.isComplete()) {
            quick = totals().compose(totals -> slice().map(slice -> {
                List<Drift> drifts = new ArrayList<>(totals);
                drifts.addAll(slice);
                return new Report(sliceAccounts, 0, drifts);
            }));
        }
        return quick;
    }

    private Future<List<Drift>> totals() {
        long began = System.nanoTime();
        if (began - totalsFrom < 0) {
            return Future.succeededFuture(lastTotals);
        }
        List<Drift> drifts = new ArrayList<>();
        return db.snapshot(TOTALS_MAX, tx -> run(tx, TOTALS, drifts).map(drifts))
                .onSuccess(found -> lastTotals = List.copyOf(found))
                .onComplete(done -> {
                    long now = System.nanoTime();
                    totalsFrom = now + (now - began) * TOTALS_REST;
                });
    }

    /** Fewer at once where they took too long: what one holds is bounded, so it always goes on. */
    private Future<List<Drift>> slice() {
        List<Drift> drifts = new ArrayList<>();
        int count = sliceAccounts;
        Tuple few = Tuple.of(DRIFTS_MAX, transfersMax, sliceAfter, count);
        return db.snapshot(
                        SLICE_MAX,
                        tx -> Db.run(tx, LedgerVerifierSql.BY_INDEX, Tuple.tuple())
                                .compose(set -> balances(tx, LedgerVerifierSql.BALANCES_OF_FEW, few, drifts))
                                .compose(done -> Db.run(tx, LedgerVerifierSql.SLICE_END, Tuple.of(sliceAfter, count))))
                .onFailure(failure -> sliceAccounts = Math.max(1, count / 2))
                .map(rows -> {
                    sliceAfter = rows.iterator().next().getLong("last");
                    sliceAccounts = SLICE_ACCOUNTS;
                    return drifts;
                });
    }

    private static Future<Void> run(SqlConnection tx, Map<String, String> checks, List<Drift> drifts) {
        Future<Void> chain = Future.succeededFuture();
        for (Map.Entry<String, String> check : checks.entrySet()) {
            chain = chain.compose(done -> Db.run(tx, check.getValue(), Tuple.of(DRIFTS_MAX)))
                    .map(rows -> {
                        rows.forEach(row -> drifts.add(drift(check.getKey(), row)));
                        return null;
                    });
        }
        return chain;
    }

    private static Future<Void> balances(SqlConnection tx, String sql, Tuple accounts, List<Drift> drifts) {
        return Db.run(tx, sql, accounts).map(rows -> {
            rows.forEach(row -> drifts.add(drift("balance", row)));
            return null;
        });
    }

    private static Drift drift(String check, Row row) {
        return new Drift(check, row.getString("subject"), row.getString("detail"));
    }
}
