package dev.sluice.chain;

import dev.sluice.kernel.Entropy;
import fr.acinq.bitcoin.Block;
import fr.acinq.bitcoin.BlockHeader;
import fr.acinq.bitcoin.ByteVector;
import fr.acinq.bitcoin.ByteVector32;
import fr.acinq.bitcoin.MerkleTree;
import fr.acinq.bitcoin.OutPoint;
import fr.acinq.bitcoin.Satoshi;
import fr.acinq.bitcoin.ScriptWitness;
import fr.acinq.bitcoin.Transaction;
import fr.acinq.bitcoin.TxId;
import fr.acinq.bitcoin.TxIn;
import fr.acinq.bitcoin.TxOut;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Time to read one block of 5,000 transactions (3 outputs and 2 inputs each) against many watched scripts. */
public final class BlockBench {
    private static final int TRANSACTIONS = 5_000;
    private static final int ROUNDS = 21;

    private BlockBench() {}

    /** {@code bareMillis}: the same block read with nothing watched. */
    public record Reading(String name, double millis, double bareMillis) {}

    /** One and ten million scripts; each figure is a median. */
    public static List<Reading> run() {
        Block block = block(new Random(1));
        double bare = read(block, new ScriptSet(Entropy.secure()), 0);
        List<Reading> readings = new ArrayList<>();
        for (int millions : new int[] {1, 10}) {
            ScriptSet scripts = new ScriptSet(Entropy.secure());
            for (int i = 0; i < millions * 1_000_000; i++) {
                scripts.add(script(i));
            }
            readings.add(new Reading("block-" + millions + "m", read(block, scripts, TRANSACTIONS / 1_000), bare));
        }
        return readings;
    }

    private static double read(Block block, ScriptSet scripts, int hits) {
        Scanner scanner = new Scanner(null, null, scripts, new ScriptSet(Entropy.secure()));
        long[] nanos = new long[ROUNDS];
        byte[] bytes = Block.write(block);
        for (int round = 0; round < ROUNDS; round++) {
            Findings.Gatherer found = new Findings.Gatherer();
            long began = System.nanoTime();
            BlockReader.read(bytes, block.blockId.toString(), "00".repeat(32), reader -> scanner.scan(reader, found));
            nanos[round] = System.nanoTime() - began;
            int seen = found.findings().payments().size();
            if (seen != hits) {
                throw new AssertionError("expected " + hits + " hits, found " + seen);
            }
        }
        Arrays.sort(nanos);
        return nanos[ROUNDS / 2] / 1e6;
    }

    private static byte[] script(int i) {
        return ByteBuffer.allocate(22)
                .putShort((short) 0x0014)
                .putInt(i)
                .putInt(~i)
                .array();
    }

    private static Block block(Random random) {
        List<Transaction> all = new ArrayList<>();
        for (int i = 0; i < TRANSACTIONS; i++) {
            List<TxOut> outputs = new ArrayList<>();
            for (int vout = 0; vout < 3; vout++) {
                byte[] script = new byte[22];
                random.nextBytes(script);
                outputs.add(new TxOut(new Satoshi(1_000), vout == 0 && i % 1_000 == 0 ? script(i) : script));
            }
            all.add(new Transaction(2, List.of(input(random), input(random)), outputs, 0));
        }
        BlockHeader header = new BlockHeader(
                2,
                Block.LivenetGenesisBlock.header.hashPreviousBlock,
                ByteVector32.Zeroes,
                1_700_000_000L,
                0x207fffffL,
                0);
        List<ByteVector32> leaves = all.stream().map(tx -> tx.hash.value).toList();
        return new Block(header.setHashMerkleRoot(MerkleTree.computeRoot(leaves)), all);
    }

    private static TxIn input(Random random) {
        byte[] previous = new byte[32];
        random.nextBytes(previous);
        ScriptWitness signature =
                new ScriptWitness().push(new ByteVector(new byte[72])).push(new ByteVector(new byte[33]));
        return new TxIn(new OutPoint(new TxId(previous), 1), ByteVector.empty, 0xfffffffdL, signature);
    }
}
