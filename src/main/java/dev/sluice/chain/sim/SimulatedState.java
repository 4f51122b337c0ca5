package dev.sluice.chain.sim;

import fr.acinq.bitcoin.Block;
import fr.acinq.bitcoin.ByteVector;
import fr.acinq.bitcoin.OutPoint;
import fr.acinq.bitcoin.Satoshi;
import fr.acinq.bitcoin.ScriptWitness;
import fr.acinq.bitcoin.Transaction;
import fr.acinq.bitcoin.TxId;
import fr.acinq.bitcoin.TxIn;
import fr.acinq.bitcoin.TxOut;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Chain and mempool, kept consistent as a node keeps them; coins to pay with come from nowhere. One thread. */
final class SimulatedState {
    private static final byte[] ANYONE = {0x51};
    private static final long SUBSIDY_SAT = 5_000_000_000L;
    private static final long SEQUENCE_REPLACEABLE = 0xfffffffdL;

    /** Odd, so that no two starts have the same seed. */
    private static final long PER_START = 0x9e3779b97f4a7c15L;

    private final long seed;
    private Random random;
    /** Starts before this one, by the journal. */
    private long starts;

    private final Branch branch = new Branch(Block.RegtestGenesisBlock);
    private final Map<String, Transaction> mempool = new LinkedHashMap<>();
    private final List<String> written = new ArrayList<>();

    SimulatedState(long seed) {
        this.seed = seed;
        this.random = new Random(seed);
    }

    Branch branch() {
        return branch;
    }

    List<String> mempool() {
        return List.copyOf(mempool.keySet());
    }

    @Nullable
    Transaction pooled(String txid) {
        return mempool.get(txid);
    }

    /** Journal lines since the last call. */
    List<String> takeWritten() {
        List<String> lines = List.copyOf(written);
        written.clear();
        return lines;
    }

    /**
     * Does again what journal lines say, and goes on with chances of its own: drawn again, those of an earlier start
     * would name coins that are spent.
     */
    void replay(List<String> lines) {
        if (!lines.isEmpty()) {
            starts = 1; // a journal of a time that did not count them
        }
        for (String line : lines) {
            String rest = line.substring(2);
            switch (line.substring(0, 2)) {
                case "B " -> confirm(Block.read(rest));
                case "P " -> removeTip();
                case "T " -> accept(Transaction.read(rest));
                case "E " -> evict(rest);
                case "S " -> starts = Long.parseLong(rest) + 1;
                default -> throw new IllegalArgumentException("not a journal of a simulated chain");
            }
        }
        takeWritten();
        random = new Random(seed + starts * PER_START);
    }

    /** The shortest history that ends here. */
    List<String> history() {
        List<String> lines = new ArrayList<>();
        lines.add("S " + starts);
        branch.blocks().stream().skip(1).forEach(placed -> lines.add("B " + hex(Block.write(placed.block()))));
        mempool.values().forEach(tx -> lines.add("T " + hex(Transaction.write(tx))));
        return lines;
    }

    /** A transaction from fresh coins: no two have the same, also of different starts. */
    Transaction pay(byte[] script, long sat, boolean replaceable) {
        return build(List.of(new OutPoint(new TxId(bytes(32)), random.nextInt(4))), script, sat, replaceable);
    }

    /** A transaction that spends the first output of another. */
    Transaction child(Transaction parent, byte[] script, long sat) {
        return build(List.of(new OutPoint(parent.txid, 0)), script, sat, false);
    }

    /** A transaction with the inputs of another. */
    Transaction rival(Transaction of, byte[] script, long sat) {
        return build(of.txIn.stream().map(in -> in.outPoint).toList(), script, sat, true);
    }

    private Transaction build(List<OutPoint> coins, byte[] script, long sat, boolean replaceable) {
        ScriptWitness signature = new ScriptWitness().push(new ByteVector(bytes(64)));
        List<TxIn> inputs = coins.stream()
                .map(coin -> new TxIn(
                        coin, ByteVector.empty, replaceable ? SEQUENCE_REPLACEABLE : TxIn.SEQUENCE_FINAL, signature))
                .toList();
        byte[] change = bytes(22);
        change[0] = 0;
        change[1] = 20;
        return new Transaction(
                2,
                inputs,
                List.of(
                        new TxOut(new Satoshi(sat), script),
                        new TxOut(new Satoshi(1_000 + random.nextInt(100_000)), change)),
                0);
    }

    /** Takes a transaction into the mempool; what contradicts it leaves. False where the chain contradicts it. */
    boolean accept(Transaction transaction) {
        String txid = transaction.txid.toString();
        if (mempool.containsKey(txid)) {
            return true;
        }
        if (transaction.txIn.stream().anyMatch(in -> branch.spender(in.outPoint) != null)) {
            return false;
        }
        removeRivals(transaction);
        mempool.put(txid, transaction);
        written.add("T " + hex(Transaction.write(transaction)));
        return true;
    }

    /** Forgets a transaction of the mempool and what spends it. */
    void evict(String txid) {
        Transaction gone = mempool.remove(txid);
        if (gone != null) {
            written.add("E " + txid);
            List<String> children = mempool.values().stream()
                    .filter(tx -> tx.txIn.stream().anyMatch(in -> in.outPoint.txid.equals(gone.txid)))
                    .map(tx -> tx.txid.toString())
                    .toList();
            children.forEach(this::evict);
        }
    }

    /** Mines transactions on top, in order. */
    void mine(Collection<Transaction> transactions, byte[] coinbaseScript, long time) {
        List<Transaction> all = new ArrayList<>();
        all.add(coinbase(coinbaseScript));
        all.addAll(transactions);
        confirmed(
                branch.extend(all, Math.max(time, branch.tip().block().header.time + 1), random.nextInt() & 0xffffffffL)
                        .block());
    }

    private void confirm(Block block) {
        confirmed(branch.restore(block).block());
    }

    private void confirmed(Block block) {
        written.add("B " + hex(Block.write(block)));
        for (Transaction transaction : block.tx) {
            mempool.remove(transaction.txid.toString());
            removeRivals(transaction);
        }
    }

    /** Takes the tip off; its transactions, oldest first, are nowhere until somebody puts them somewhere. */
    List<Transaction> removeTip() {
        written.add("P ");
        List<Transaction> all = branch.removeTip().block().tx;
        return all.subList(1, all.size());
    }

    private void removeRivals(Transaction transaction) {
        List<String> rivals = mempool.values().stream()
                .filter(tx -> !tx.txid.equals(transaction.txid))
                .filter(tx -> tx.txIn.stream().anyMatch(in -> spends(transaction, in.outPoint)))
                .map(tx -> tx.txid.toString())
                .toList();
        rivals.forEach(this::evict);
    }

    private static boolean spends(Transaction transaction, OutPoint coin) {
        return transaction.txIn.stream().anyMatch(in -> in.outPoint.equals(coin));
    }

    private Transaction coinbase(byte[] script) {
        byte[] unique = bytes(12);
        unique[0] = 11;
        TxIn input = new TxIn(new OutPoint(new TxId(new byte[32]), 0xffffffffL), unique, TxIn.SEQUENCE_FINAL);
        return new Transaction(
                2,
                List.of(input),
                List.of(new TxOut(new Satoshi(SUBSIDY_SAT), script.length == 0 ? ANYONE : script)),
                0);
    }

    private byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
