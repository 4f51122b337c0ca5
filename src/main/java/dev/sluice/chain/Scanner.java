package dev.sluice.chain;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Knows every script we watch and every outpoint that a tracked payment needs, and finds both in transactions. Scripts
 * come from the database and are refreshed after transactions were fetched and before they are scanned: an address
 * that somebody could pay was committed before it was paid, so it is known, whichever process handed it out.
 */
final class Scanner {
    /** Transaction hash and 32-bit index, as on the wire. */
    private static final int OUTPOINT_BYTES = 36;

    private final WalletRepository wallets;
    private final ChainRepository chain;
    private final ScriptSet scripts;
    private final ScriptSet outpoints;
    private final Map<Long, Integer> loadedTo = new HashMap<>();
    /** Loaded, and not yet looked for in the mempool. */
    private final Set<Long> strange = new HashSet<>();

    Scanner(WalletRepository wallets, ChainRepository chain, ScriptSet scripts, ScriptSet outpoints) {
        this.wallets = wallets;
        this.chain = chain;
        this.scripts = scripts;
        this.outpoints = outpoints;
    }

    int scripts() {
        return scripts.size();
    }

    /** Reads what earlier runs watched: call once, before anything is scanned. */
    Future<Void> load() {
        return wallets.addressCount()
                .onSuccess(scripts::reserve)
                .compose(count -> refresh())
                .compose(ready -> loadNeeds("", 0));
    }

    private Future<Void> loadNeeds(String afterTxid, int afterVout) {
        return chain.needsAfter(afterTxid, afterVout).compose(page -> {
            page.forEach(outpoint -> outpoints.add(wireForm(outpoint)));
            if (page.isEmpty()) {
                return Future.succeededFuture();
            }
            return loadNeeds(page.getLast().txid(), page.getLast().vout());
        });
    }

    /** Learns scripts that were added since the last time. */
    Future<Void> refresh() {
        return wallets.keychains().compose(keychains -> {
            Future<Void> done = Future.succeededFuture();
            for (WalletRepository.Keychain keychain : keychains) {
                int from = loadedTo.getOrDefault(keychain.id(), 0);
                if (from < keychain.nextIndex()) {
                    done = done.compose(before -> loadScripts(keychain.id(), from, keychain.nextIndex()));
                }
                if (!keychain.mempoolRead()) {
                    strange.add(keychain.id());
                }
            }
            return done;
        });
    }

    /** Keychains that are scanned for from now on, but were not while the mempool was read. */
    Set<Long> strange() {
        return Set.copyOf(strange);
    }

    /** All of the mempool has been scanned for these. */
    Future<Void> mempoolRead(Set<Long> keychains) {
        return wallets.mempoolRead(keychains).onSuccess(written -> strange.removeAll(keychains));
    }

    private Future<Void> loadScripts(long keychain, int from, int to) {
        int until = Math.min(to, from + WalletRepository.SCRIPTS_PAGE);
        return wallets.scripts(keychain, from, until).compose(rows -> {
            addAll(rows);
            loadedTo.put(keychain, until);
            return until < to ? loadScripts(keychain, until, to) : Future.succeededFuture();
        });
    }

    private void addAll(RowSet<Row> rows) {
        for (Row row : rows) {
            scripts.add(row.getBuffer("script").getBytes());
        }
    }

    /** The scripts that a transaction pays, as {@link #watches} takes them. */
    long[] paid(TransactionReader reader) {
        long[] paid = new long[reader.outputs()];
        for (int i = 0; i < paid.length; i++) {
            paid[i] = scripts.fingerprint(reader.bytes(), reader.scriptAt(i), reader.scriptLength(i));
        }
        return paid;
    }

    /** Whether one of the scripts that a transaction pays is watched now. */
    boolean watches(long[] paid) {
        for (long script : paid) {
            if (scripts.mayContain(script)) {
                return true;
            }
        }
        return false;
    }

    /** Finds what concerns us in the transaction a reader stands on, and watches what a payment to us needs. */
    void scan(TransactionReader reader, Findings.Gatherer into) {
        boolean pays = false;
        byte[] bytes = reader.bytes();
        for (int i = 0; i < reader.outputs() && !pays; i++) {
            pays = scripts.mayContain(bytes, reader.scriptAt(i), reader.scriptLength(i));
        }
        boolean spends = false;
        for (int i = 0; i < reader.inputs() && !spends; i++) {
            spends = outpoints.mayContain(bytes, reader.outpointAt(i), OUTPOINT_BYTES);
        }
        if (pays || spends) {
            collect(reader.read(), into);
        }
    }

    private void collect(ChainTransaction transaction, Findings.Gatherer into) {
        List<ChainTransaction.Output> paid = new ArrayList<>();
        for (ChainTransaction.Output output : transaction.outputs()) {
            if (output.valueSat() > 0 && scripts.mayContain(output.script(), 0, output.script().length)) {
                paid.add(output);
            }
        }
        List<Findings.Spend> needs = needs(transaction);
        for (Findings.Spend need : needs) {
            if (outpoints.mayContain(wireForm(need.spent()), 0, OUTPOINT_BYTES)) {
                into.add(need);
            }
        }
        if (!paid.isEmpty()) {
            watch(needs);
            into.add(new Findings.Payment(transaction, paid, needs, transaction.replaceable()));
        }
    }

    /** Watches outpoints; more than needed does no harm. */
    void watch(List<Findings.Spend> needs) {
        needs.forEach(need -> outpoints.add(wireForm(need.spent())));
    }

    static List<Findings.Spend> needs(ChainTransaction transaction) {
        return transaction.spends().stream()
                .map(spent -> new Findings.Spend(spent, transaction.txid()))
                .toList();
    }

    private static byte[] wireForm(Outpoint outpoint) {
        ByteBuffer wire = ByteBuffer.allocate(OUTPOINT_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        byte[] txid = HexFormat.of().parseHex(outpoint.txid());
        for (int i = txid.length - 1; i >= 0; i--) {
            wire.put(txid[i]);
        }
        return wire.putInt(outpoint.vout()).array();
    }
}
