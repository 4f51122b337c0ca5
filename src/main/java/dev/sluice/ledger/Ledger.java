package dev.sluice.ledger;

import dev.sluice.db.Columns;
import dev.sluice.db.Db;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Applies batches of transfers, one statement a batch, inside the caller's transaction so that companion rows (invoice
 * transitions, events, cursors) commit with them or not at all.
 *
 * <p>One bad item never fails the batch. Items that compete for the same guarded balance are judged in order: an item
 * that might fit once an earlier one is refused is judged again by a further statement.
 */
public final class Ledger {
    /** Codes known to be open; bounded, and losing one costs a statement that finds it open. */
    private static final int KNOWN_MAX = 100_000;

    private final Set<String> known = ConcurrentHashMap.newKeySet();

    /** What each transfer came to, in the order given. */
    public Future<List<Outcome>> apply(SqlClient tx, List<Transfer> transfers) {
        if (transfers.isEmpty()) {
            return Future.succeededFuture(List.of());
        }
        @Nullable Outcome[] outcomes = new Outcome[transfers.size()];
        return open(tx, transfers)
                .compose(opened -> isFree(transfers) ? free(tx, transfers, outcomes) : Future.succeededFuture())
                .compose(done -> judgeOpen(tx, transfers, outcomes))
                .map(done -> told(outcomes));
    }

    /** Makes what is new, and leaves the rest without an outcome. */
    private Future<Void> free(SqlClient tx, List<Transfer> transfers, @Nullable Outcome[] outcomes) {
        return Db.run(tx, LedgerSql.APPLY_FREE, freeArguments(transfers)).map(rows -> {
            Set<String> made = new HashSet<>();
            rows.forEach(row -> made.add(row.getString("id")));
            for (int i = 0; i < outcomes.length; i++) {
                if (made.contains(transfers.get(i).id())) {
                    outcomes[i] = Outcome.CREATED;
                }
            }
            return null;
        });
    }

    /** Whether each is a fact of its own that posts at once what nothing bounds: no other decides any of them. */
    private static boolean isFree(List<Transfer> transfers) {
        Set<String> ids = new HashSet<>();
        return transfers.stream()
                .allMatch(it -> it.phase() == Transfer.Phase.SINGLE
                        && !Objects.requireNonNull(it.debit()).guarded()
                        && ids.add(it.id()));
    }

    /**
     * As {@link #apply}, for less, for transfers that by the caller's own rows nothing can have made before: an id that
     * exists fails the transaction and is not told apart.
     */
    public Future<List<Outcome>> applyNew(SqlClient tx, List<Transfer> transfers) {
        if (!isPlain(transfers)) {
            return apply(tx, transfers);
        }
        @Nullable Outcome[] outcomes = new Outcome[transfers.size()];
        return open(tx, transfers)
                .compose(opened -> Db.run(tx, LedgerSql.APPLY_NEW, newArguments(transfers)))
                .compose(rows -> {
                    rows.forEach(row -> outcomes[Math.toIntExact(row.getLong("n") - 1)] = Outcome.CREATED);
                    return judgeOpen(tx, transfers, outcomes);
                })
                .map(done -> told(outcomes));
    }

    /** Whether each debits a guarded account of its own that none credits: none has to be judged beside another. */
    private static boolean isPlain(List<Transfer> transfers) {
        Set<String> debits = new HashSet<>();
        return !transfers.isEmpty()
                && transfers.stream()
                        .map(Transfer::debit)
                        .allMatch(debit -> debit != null && debit.guarded() && debits.add(debit.code()))
                && transfers.stream().map(Transfer::credit).noneMatch(credit -> debits.contains(code(credit)));
    }

    /** The indexes of those without an outcome yet. */
    private static List<Integer> open(@Nullable Outcome[] outcomes) {
        return IntStream.range(0, outcomes.length)
                .filter(i -> outcomes[i] == null)
                .boxed()
                .toList();
    }

    private static List<Outcome> told(@Nullable Outcome[] outcomes) {
        return Arrays.stream(outcomes).map(Objects::requireNonNull).toList();
    }

    /**
     * Applies transfers that must hold: one that cannot be made means that our own books contradict each other, so the
     * transaction fails and nothing of it is written.
     */
    public Future<Void> post(SqlClient tx, List<Transfer> transfers) {
        return apply(tx, transfers).compose(outcomes -> {
            for (int i = 0; i < outcomes.size(); i++) {
                if (outcomes.get(i) != Outcome.CREATED && outcomes.get(i) != Outcome.EXISTS) {
                    return Future.failedFuture(new IllegalStateException(
                            "transfer " + transfers.get(i).id() + " was refused: " + outcomes.get(i)));
                }
            }
            return Future.succeededFuture();
        });
    }

    /**
     * What a guarded account can still spend, in smallest units, locked until the transaction ends; 0 where the
     * account was never opened.
     */
    public Future<Long> available(SqlClient tx, Account account) {
        return Db.run(tx, LedgerSql.AVAILABLE, Tuple.of(account.code())).map(rows -> {
            for (Row row : rows) {
                return row.getLong("available");
            }
            return 0L;
        });
    }

    /** What a guarded account can spend now, in smallest units, read without a lock; 0 where it was never opened. */
    public static Future<Long> balance(Db db, Account account) {
        return db.read(LedgerSql.BALANCE, account.code())
                .map(rows ->
                        Columns.first(rows, row -> row.getLong("available")).orElse(0L));
    }

    /** The newest movements of an account, newest first; ended reservations are told by what ended them. */
    public static Future<List<Entry>> entries(Db db, Account account, int limit) {
        return db.read(LedgerSql.ENTRIES, account.code(), limit)
                .map(rows -> Columns.list(
                        rows,
                        row -> new Entry(
                                row.getString("id"),
                                row.getString("kind"),
                                row.getString("subject"),
                                row.getLong("amount"),
                                row.getOffsetDateTime("at").toInstant())));
    }

    /** What a transfer moved, in smallest units; 0 where there is none of that id. */
    public Future<Long> amount(SqlClient tx, String transfer) {
        return Db.run(tx, LedgerSql.AMOUNT, Tuple.of(transfer)).map(rows -> {
            for (Row row : rows) {
                return row.getLong("amount");
            }
            return 0L;
        });
    }

    private Future<Void> open(SqlClient tx, List<Transfer> transfers) {
        Map<String, Account> missing = transfers.stream()
                .flatMap(Ledger::opens)
                .filter(account -> !known.contains(account.code()))
                .collect(Collectors.toMap(Account::code, account -> account, (a, b) -> a, LinkedHashMap::new));
        if (missing.isEmpty()) {
            return Future.succeededFuture();
        }
        List<Account> accounts = missing.values().stream()
                .sorted(java.util.Comparator.comparing(Account::code))
                .toList();
        Tuple args = Tuple.of(
                accounts.stream().map(Account::code).toArray(String[]::new),
                accounts.stream().map(Account::asset).toArray(String[]::new),
                accounts.stream().map(a -> lower(a.kind())).toArray(String[]::new),
                accounts.stream().map(Account::guarded).toArray(Boolean[]::new));
        // An account seen here may still be rolled back with the caller; only those that others committed are
        // remembered.
        return Db.run(tx, LedgerSql.OPEN, args)
                .compose(done -> Db.run(tx, LedgerSql.OPENED_BEFORE, Tuple.of(args.getValue(0))))
                .map(rows -> {
                    if (known.size() < KNOWN_MAX) {
                        rows.forEach(row -> known.add(row.getString("code")));
                    }
                    return null;
                });
    }

    /** A guarded account that was never credited has nothing to give: it is not opened to find that out. */
    private static Stream<Account> opens(Transfer transfer) {
        Account debit = transfer.debit();
        return Stream.of(debit == null || debit.guarded() ? null : debit, transfer.credit())
                .filter(Objects::nonNull);
    }

    private Future<Void> judgeOpen(SqlClient tx, List<Transfer> all, @Nullable Outcome[] outcomes) {
        List<Integer> open = open(outcomes);
        return open.isEmpty() ? Future.succeededFuture() : judge(tx, all, open, outcomes);
    }

    private Future<Void> judge(SqlClient tx, List<Transfer> all, List<Integer> open, @Nullable Outcome[] outcomes) {
        List<Transfer> batch = open.stream().map(all::get).toList();
        return Db.run(tx, LedgerSql.APPLY, arguments(batch)).compose(rows -> {
            List<Integer> again = new ArrayList<>();
            for (Row row : rows) {
                int index = open.get(Math.toIntExact(row.getLong("n") - 1));
                String verdict = row.getString("verdict");
                if (verdict.equals("AGAIN")) {
                    again.add(index);
                } else {
                    outcomes[index] = Outcome.valueOf(verdict);
                }
            }
            return again.isEmpty()
                    ? Future.<Void>succeededFuture()
                    : judge(tx, all, Collections.unmodifiableList(again), outcomes);
        });
    }

    private static Tuple arguments(List<Transfer> batch) {
        return Tuple.of(
                batch.stream().map(Transfer::id).toArray(String[]::new),
                batch.stream().map(t -> code(t.debit())).toArray(String[]::new),
                batch.stream().map(t -> code(t.credit())).toArray(String[]::new),
                batch.stream().map(Transfer::amount).toArray(Long[]::new),
                batch.stream().map(t -> lower(t.phase())).toArray(String[]::new),
                batch.stream().map(Transfer::pendingOf).toArray(String[]::new),
                batch.stream().map(Transfer::kind).toArray(String[]::new),
                batch.stream().map(Transfer::subject).toArray(String[]::new));
    }

    private static Tuple freeArguments(List<Transfer> batch) {
        return Tuple.of(
                Columns.of(batch, String.class, Transfer::id),
                Columns.of(batch, String.class, t -> code(t.debit())),
                Columns.of(batch, String.class, t -> code(t.credit())),
                Columns.of(batch, Long.class, Transfer::amount),
                Columns.of(batch, String.class, Transfer::kind),
                Columns.of(batch, String.class, Transfer::subject));
    }

    private static Tuple newArguments(List<Transfer> batch) {
        return freeArguments(batch).addValue(Columns.of(batch, String.class, t -> lower(t.phase())));
    }

    private static @Nullable String code(@Nullable Account account) {
        return account == null ? null : account.code();
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
