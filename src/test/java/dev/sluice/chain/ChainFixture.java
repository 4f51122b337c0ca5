package dev.sluice.chain;

import static dev.sluice.db.TestDatabase.await;

import dev.sluice.db.Db;
import dev.sluice.db.Fence;
import dev.sluice.db.TestDatabase;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.Secret;
import fr.acinq.bitcoin.Block;
import fr.acinq.bitcoin.OutPoint;
import fr.acinq.bitcoin.Transaction;
import fr.acinq.bitcoin.TxIn;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A watcher on a source, a wallet, a sink that keeps what it is told in the database, and the truth to compare with.
 */
final class ChainFixture {
    /** Long enough that only the test's own looks count. */
    private static final long NEVER_MS = 60_000;

    final ChainSource source;
    final KeepingSink sink;
    ChainWatcher watcher;
    ChainServiceLive chain;
    WalletId wallet;
    volatile Clock clock = Clock.system();
    private final TestDatabase database;
    private final Db db;
    private final long pollMs;
    private String deployment;
    private final Set<String> ours = new HashSet<>();
    private final Map<String, String> subjects = new ConcurrentHashMap<>();
    private final Map<String, Transaction> seen = new HashMap<>();

    ChainFixture(TestDatabase database, ChainSource source) {
        this(database, source, NEVER_MS);
    }

    ChainFixture(TestDatabase database, ChainSource source, long pollMs) {
        this.database = database;
        this.db = database.db();
        this.source = source;
        this.sink = new KeepingSink(subjects);
        this.pollMs = pollMs;
        await(db.write(
                "create table if not exists kept (outpoint text primary key, value bigint, state text)",
                Tuple.tuple()));
        start(Network.REGTEST, Fence.NONE, sink);
        wallet = await(chain.openWallet("store", newDescriptor()));
    }

    static String newDescriptor() {
        WalletGenerator generator = new WalletGenerator(Entropy.secure());
        return generator
                .account(Network.REGTEST, generator.mnemonic("English", 12), new Secret(""), 0, ScriptType.SEGWIT)
                .descriptor()
                .toString();
    }

    void start(Network network, Fence fence, ChainSink into) {
        watcher = new ChainWatcher(
                new ChainConfig(network, pollMs, 6, 500_000),
                source,
                db,
                into,
                fence,
                () -> clock.now(),
                Entropy.secure());
        chain = new ChainServiceLive(database.vertx(), db, Network.REGTEST, watcher);
        deployment = await(database.vertx().deployVerticle(watcher));
    }

    void stop() {
        await(database.vertx().undeploy(deployment));
    }

    /** The watcher looks, and so does the side that knows the truth. */
    void look() {
        await(watcher.look());
        truth();
    }

    ReservedAddress reserve() {
        String subject = "invoice:" + subjects.size();
        ReservedAddress address = await(db.tx(tx -> chain.reserve(tx, wallet, subject)));
        ours.add(address.script());
        subjects.put(address.script(), subject);
        return address;
    }

    Instant caughtUpAt() {
        return chain.tip().orElseThrow().caughtUpAt();
    }

    /** What the sink holds: outpoint to value and state. */
    Map<String, String> kept() {
        Map<String, String> kept = new TreeMap<>();
        await(db.read("select outpoint, value, state from kept"))
                .forEach(row ->
                        kept.put(row.getString("outpoint"), row.getLong("value") + " " + row.getString("state")));
        return kept;
    }

    @Nullable
    String kept(String txid) {
        List<String> found = new ArrayList<>();
        kept().forEach((outpoint, state) -> {
            if (outpoint.startsWith(txid)) {
                found.add(state);
            }
        });
        return found.isEmpty() ? null : String.join(", ", found);
    }

    /**
     * What the source itself says of every output of ours that it ever showed, found by another parser and without an
     * index.
     */
    Map<String, String> truth() {
        Map<String, String> mined = new HashMap<>();
        Map<OutPoint, String> minedSpends = new HashMap<>();
        Map<String, Integer> heights = new HashMap<>();
        int top = await(source.status()).height();
        for (int height = 0; height <= top; height++) {
            String hash = await(source.hashAt(height));
            for (Transaction tx : Block.read(await(source.block(hash)).getBytes()).tx) {
                String txid = tx.txid.toString();
                seen.put(txid, tx);
                mined.put(txid, "confirmed " + height + " " + hash);
                heights.put(txid, height);
                tx.txIn.forEach(in -> minedSpends.put(in.outPoint, txid));
            }
        }
        Map<OutPoint, String> pooledSpends = new HashMap<>();
        Set<String> pooled = new HashSet<>(await(source.mempool()));
        for (String txid : pooled) {
            Transaction tx =
                    Transaction.read(await(source.mempoolTransaction(txid)).getBytes());
            seen.put(txid, tx);
            tx.txIn.forEach(in -> pooledSpends.put(in.outPoint, txid));
        }
        Map<String, String> truth = new TreeMap<>();
        seen.forEach((txid, tx) -> {
            String state = mined.get(txid);
            if (state == null) {
                state = contradiction(tx, minedSpends, heights);
            }
            if (state == null && !pooled.contains(txid)) {
                state = contradiction(tx, pooledSpends, heights);
            }
            for (int vout = 0; vout < tx.txOut.size(); vout++) {
                if (ours.contains(tx.txOut.get(vout).publicKeyScript.toHex())) {
                    truth.put(
                            txid + ":" + vout,
                            tx.txOut.get(vout).amount.toLong() + " " + (state == null ? "unconfirmed" : state));
                }
            }
        });
        return truth;
    }

    private @Nullable String contradiction(Transaction tx, Map<OutPoint, String> spends, Map<String, Integer> heights) {
        for (TxIn in : tx.isCoinbase() ? List.<TxIn>of() : tx.txIn) {
            String by = spends.get(in.outPoint);
            if (by != null && !by.equals(tx.txid.toString())) {
                return "conflicted " + by + " " + heights.get(by);
            }
            Transaction parent = seen.get(in.outPoint.txid.toString());
            String above = parent == null ? null : contradiction(parent, spends, heights);
            if (above != null) {
                return above;
            }
        }
        return null;
    }

    /** What is said of outputs, but for those of subjects that are set aside. */
    Map<String, String> withoutThoseAside(Map<String, String> outputs) {
        Set<String> aside = new HashSet<>();
        await(db.read("""
                select o.txid, o.vout from chain_output o join chain_address a using (script)
                join set_aside s on s.kind = 'chain' and s.key = a.subject
                """)).forEach(row -> aside.add(row.getString("txid") + ":" + row.getInteger("vout")));
        Map<String, String> rest = new TreeMap<>(outputs);
        rest.keySet().removeAll(aside);
        return rest;
    }

    /** Keeps the last state of each output, in the step's own transaction. */
    static final class KeepingSink implements ChainSink {
        int failures;
        int commits;
        final List<ChainUpdate> updates = new ArrayList<>();
        /** Subjects whose outputs cannot be kept. */
        final Set<String> poison = ConcurrentHashMap.newKeySet();
        /** Subjects that cannot be brought by themselves for a reason that is not theirs. */
        final Set<String> held = ConcurrentHashMap.newKeySet();

        private final Map<String, String> subjects;

        KeepingSink(Map<String, String> subjects) {
            this.subjects = subjects;
        }

        @Override
        public Future<Void> apply(SqlConnection tx, ChainUpdate update, Set<String> aside) {
            List<OutputChange> changes = update.changes().stream()
                    .filter(change -> !aside.contains(subject(change)))
                    .toList();
            return keep(tx, changes).compose(kept -> unlessItFails()).onSuccess(kept -> updates.add(update));
        }

        private Future<Void> unlessItFails() {
            if (failures == 0) {
                return Future.succeededFuture();
            }
            failures--;
            return Future.failedFuture(
                    new Failure.Unavailable("database-unavailable", "the sink fails", 1).exception());
        }

        @Override
        public Future<Set<String>> concerned(SqlConnection tx, ChainUpdate update) {
            return Future.succeededFuture(
                    update.changes().stream().map(this::subject).collect(Collectors.toSet()));
        }

        @Override
        public Future<Void> bring(SqlConnection tx, String subject, ChainUpdate standing) {
            return held.contains(subject)
                    ? Future.failedFuture(new UnsupportedOperationException("somebody holds it"))
                    : keep(tx, standing.changes()).compose(kept -> unlessItFails());
        }

        private String subject(OutputChange change) {
            return subjects.getOrDefault(change.script(), "invoice:of-another-fixture");
        }

        private Future<Void> keep(SqlConnection tx, List<OutputChange> changes) {
            Future<Void> done = Future.succeededFuture();
            for (OutputChange change : changes) {
                done = done.compose(before -> Db.run(
                                tx,
                                """
                        insert into kept values ($1, $2, $3)
                        on conflict (outpoint) do update set value = excluded.value, state = excluded.state
                        """,
                                Tuple.of(change.outpoint().toString(), change.valueSat(), text(change.state())))
                        .mapEmpty());
            }
            boolean refused = changes.stream().map(this::subject).anyMatch(poison::contains);
            return done.compose(kept ->
                    refused ? Future.failedFuture(new IllegalStateException("poison")) : Future.succeededFuture());
        }

        @Override
        public void committed() {
            commits++;
        }

        static String text(OutputChange.State state) {
            return switch (state) {
                case OutputChange.State.Unconfirmed() -> "unconfirmed";
                case OutputChange.State.Confirmed(int height, String hash) -> "confirmed " + height + " " + hash;
                case OutputChange.State.Conflicted(String by, Integer height) -> "conflicted " + by + " " + height;
            };
        }
    }
}
