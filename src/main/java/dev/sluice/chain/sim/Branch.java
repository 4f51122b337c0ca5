package dev.sluice.chain.sim;

import fr.acinq.bitcoin.Block;
import fr.acinq.bitcoin.BlockHeader;
import fr.acinq.bitcoin.ByteVector32;
import fr.acinq.bitcoin.MerkleTree;
import fr.acinq.bitcoin.OutPoint;
import fr.acinq.bitcoin.Transaction;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The simulated active chain above its genesis, and every block it ever had. */
final class Branch {
    /** Blocks of BIP 113's median time past. */
    private static final int MEDIAN_BLOCKS = 11;

    /** A block in its place. */
    record Placed(Block block, int height, @Nullable String previous) {
        String hash() {
            return block.blockId.toString();
        }
    }

    private final List<Placed> active = new ArrayList<>();
    private final Map<String, Placed> all = new HashMap<>();
    private final Map<OutPoint, Transaction> spentBy = new HashMap<>();

    Branch(Block genesis) {
        put(new Placed(genesis, 0, null));
    }

    Placed tip() {
        return active.getLast();
    }

    @Nullable
    Placed at(int height) {
        return height >= 0 && height < active.size() ? active.get(height) : null;
    }

    @Nullable
    Placed find(String hash) {
        return all.get(hash);
    }

    List<Placed> blocks() {
        return List.copyOf(active);
    }

    boolean isActive(Placed placed) {
        return placed.equals(at(placed.height()));
    }

    /** Who spends an outpoint on the active chain. */
    @Nullable
    Transaction spender(OutPoint outpoint) {
        return spentBy.get(outpoint);
    }

    /** Seconds, as a node reports them for the median of the last 11 blocks. */
    long medianTime(Placed placed) {
        List<Long> times = new ArrayList<>();
        Placed at = placed;
        while (at != null && times.size() < MEDIAN_BLOCKS) {
            times.add(at.block().header.time);
            at = at.previous() == null ? null : all.get(at.previous());
        }
        return times.stream().sorted().toList().get(times.size() / 2);
    }

    Placed extend(List<Transaction> transactions, long time, long nonce) {
        Placed below = tip();
        List<ByteVector32> leaves =
                transactions.stream().map(tx -> tx.hash.value).toList();
        BlockHeader header = new BlockHeader(
                0x20000000L, below.block().hash, MerkleTree.computeRoot(leaves), time, 0x207fffffL, nonce);
        return restore(new Block(header, transactions));
    }

    Placed restore(Block block) {
        return put(new Placed(block, active.size(), tip().hash()));
    }

    Placed removeTip() {
        Placed removed = active.removeLast();
        removed.block().tx.forEach(tx -> tx.txIn.forEach(in -> spentBy.remove(in.outPoint)));
        return removed;
    }

    private Placed put(Placed placed) {
        active.add(placed);
        all.put(placed.hash(), placed);
        placed.block().tx.forEach(tx -> tx.txIn.forEach(in -> spentBy.put(in.outPoint, tx)));
        return placed;
    }
}
