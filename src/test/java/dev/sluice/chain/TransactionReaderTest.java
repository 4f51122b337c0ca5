package dev.sluice.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import fr.acinq.bitcoin.Block;
import fr.acinq.bitcoin.BlockHeader;
import fr.acinq.bitcoin.ByteVector;
import fr.acinq.bitcoin.OutPoint;
import fr.acinq.bitcoin.Satoshi;
import fr.acinq.bitcoin.ScriptWitness;
import fr.acinq.bitcoin.Transaction;
import fr.acinq.bitcoin.TxId;
import fr.acinq.bitcoin.TxIn;
import fr.acinq.bitcoin.TxOut;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TransactionReaderTest {
    private static final long SEED = Long.getLong("sluice.seed", System.nanoTime());

    @Test
    void readsWhatAnIndependentLibraryWrote() {
        Random random = new Random(SEED);
        for (int round = 0; round < 300; round++) {
            Transaction expected = transaction(random);
            ChainTransaction read = read(Transaction.write(expected));
            String seed = "seed " + SEED;
            assertThat(read.txid()).as(seed).isEqualTo(expected.txid.toString());
            assertThat(read.outputs()).as(seed).hasSameSizeAs(expected.txOut);
            for (ChainTransaction.Output output : read.outputs()) {
                TxOut twin = expected.txOut.get(output.vout());
                assertThat(output.valueSat()).as(seed).isEqualTo(twin.amount.toLong());
                assertThat(output.script()).as(seed).isEqualTo(twin.publicKeyScript.toByteArray());
            }
            for (int i = 0; i < read.spends().size(); i++) {
                OutPoint twin = expected.txIn.get(i).outPoint;
                assertThat(read.spends().get(i)).as(seed).isEqualTo(new Outpoint(twin.txid.toString(), (int)
                        twin.index));
            }
            assertThat(read.replaceable())
                    .as(seed)
                    .isEqualTo(expected.txIn.stream().anyMatch(in -> in.sequence < 0xfffffffeL));
        }
    }

    @Test
    void everyTruncationAndRandomDamageIsRefusedOrReadButNeverMore() {
        Random random = new Random(SEED);
        byte[] good = Transaction.write(transaction(random));
        for (int length = 0; length < good.length; length++) {
            byte[] cut = Arrays.copyOf(good, length);
            assertThatThrownBy(() -> read(cut)).as("length " + length).isInstanceOf(MalformedException.class);
        }
        for (int round = 0; round < 20_000; round++) {
            byte[] damaged = good.clone();
            damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            try {
                read(damaged);
            } catch (MalformedException refused) {
                assertThat(refused).hasMessageNotContaining("null");
            }
        }
    }

    @Test
    void aHundredThousandOutputsAreReadAndAnImpossibleCountIsNot() {
        List<TxOut> outputs = new ArrayList<>();
        for (int i = 0; i < 100_000; i++) {
            outputs.add(new TxOut(new Satoshi(i), new byte[] {0x51}));
        }
        TxIn input = new TxIn(new OutPoint(new TxId(new byte[32]), 3), 0xffffffffL);
        assertThat(read(Transaction.write(new Transaction(2, List.of(input), outputs, 0)))
                        .outputs())
                .hasSize(100_000);
        for (String count : List.of("ffffffffffffffffff", "fe00000080", "fdffff")) {
            assertThatThrownBy(() -> read(HexFormat.of().parseHex("02000000" + count + "00".repeat(60))))
                    .isInstanceOf(MalformedException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, Long.MIN_VALUE, 2_100_000_000_000_001L})
    void valuesOutOfRangeAreRefused(long value) {
        TxIn input = new TxIn(new OutPoint(new TxId(new byte[32]), 3), 0xffffffffL);
        byte[] bytes = Transaction.write(
                new Transaction(2, List.of(input), List.of(new TxOut(new Satoshi(value), new byte[] {0x51})), 0));
        assertThatThrownBy(() -> read(bytes)).hasMessageContaining("out of range");
    }

    @Test
    void genesisBlockIsReadAndAnyOtherIsRefused() {
        byte[] genesis = Block.write(Block.LivenetGenesisBlock);
        String none = "00".repeat(32);
        List<String> txids = new ArrayList<>();
        BlockReader.read(genesis, Network.MAIN.genesisHash(), none, reader -> {
            assertThat(reader.coinbase()).isTrue();
            txids.add(reader.read().txid());
        });
        assertThat(txids).containsExactly("4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b");
        assertThatThrownBy(() -> BlockReader.read(genesis, Network.TEST.genesisHash(), none, reader -> {}))
                .hasMessageContaining("another block");
        assertThatThrownBy(() -> BlockReader.read(genesis, Network.MAIN.genesisHash(), "11".repeat(32), reader -> {}))
                .hasMessageContaining("another parent");
        byte[] longer = Arrays.copyOf(genesis, genesis.length + 1);
        assertThatThrownBy(() -> BlockReader.read(longer, Network.MAIN.genesisHash(), none, reader -> {}))
                .hasMessageContaining("after the last");
        byte[] changed = genesis.clone();
        changed[changed.length - 1] ^= 1;
        assertThatThrownBy(() -> BlockReader.read(changed, Network.MAIN.genesisHash(), none, reader -> {}))
                .hasMessageContaining("merkle");
    }

    @Test
    void blockWithoutTransactionsIsRefusedAndOneWithManyIsRead() {
        String parent = "00".repeat(32);
        Block empty = block(List.of(transaction(new Random(SEED))));
        byte[] none = Arrays.copyOf(BlockHeader.write(empty.header), 81);
        assertThatThrownBy(() -> BlockReader.read(none, empty.blockId.toString(), parent, reader -> {}))
                .hasMessageContaining("without transactions");
        TxIn in = new TxIn(new OutPoint(new TxId(Network.MAIN.genesisHash()), 0), 0xffffffffL);
        List<TxOut> out = List.of(new TxOut(new Satoshi(1), new byte[] {0x51}));
        List<Transaction> many = new ArrayList<>();
        for (int i = 0; i < 25_000; i++) {
            many.add(new Transaction(2, List.of(in), out, i));
        }
        Block full = block(many);
        int[] seen = new int[1];
        BlockReader.read(Block.write(full), full.blockId.toString(), parent, reader -> {
            reader.read();
            seen[0]++;
        });
        assertThat(seen[0]).isEqualTo(25_000);
    }

    @Test
    void blockThatRepeatsItsLastTransactionIsRefused() {
        Random random = new Random(SEED);
        Block odd = block(List.of(transaction(random), transaction(random), transaction(random)));
        String hash = odd.blockId.toString();
        String parent = "00".repeat(32);
        List<String> seen = new ArrayList<>();
        BlockReader.read(
                Block.write(odd), hash, parent, reader -> seen.add(reader.read().txid()));
        assertThat(seen).hasSize(3);
        ByteArrayOutputStream doubled = new ByteArrayOutputStream();
        doubled.writeBytes(BlockHeader.write(odd.header));
        doubled.write(4);
        odd.tx.forEach(tx -> doubled.writeBytes(Transaction.write(tx)));
        doubled.writeBytes(Transaction.write(odd.tx.getLast()));
        assertThatThrownBy(() -> BlockReader.read(doubled.toByteArray(), hash, parent, reader -> {}))
                .hasMessageContaining("repeated");
    }

    private static Block block(List<Transaction> transactions) {
        BlockHeader header = new BlockHeader(
                2,
                Block.LivenetGenesisBlock.header.hashPreviousBlock,
                fr.acinq.bitcoin.ByteVector32.Zeroes,
                1_700_000_000L,
                0x207fffffL,
                0);
        List<fr.acinq.bitcoin.ByteVector32> leaves =
                transactions.stream().map(tx -> tx.hash.value).toList();
        return new Block(header.setHashMerkleRoot(fr.acinq.bitcoin.MerkleTree.computeRoot(leaves)), transactions);
    }

    private static ChainTransaction read(byte[] bytes) {
        TransactionReader reader = new TransactionReader(bytes, 0);
        reader.next();
        return reader.read();
    }

    private static Transaction transaction(Random random) {
        List<TxIn> inputs = new ArrayList<>();
        for (int i = 0; i <= random.nextInt(4); i++) {
            byte[] previous = new byte[32];
            random.nextBytes(previous);
            ScriptWitness witness = new ScriptWitness();
            for (int item = random.nextInt(3); item > 0; item--) {
                witness = witness.push(new ByteVector(new byte[random.nextInt(300)]));
            }
            inputs.add(new TxIn(
                    new OutPoint(new TxId(previous), random.nextInt(1_000)),
                    new ByteVector(new byte[random.nextInt(120)]),
                    random.nextBoolean() ? 0xffffffffL : random.nextBoolean() ? 0xfffffffeL : 0xfffffffdL,
                    witness));
        }
        List<TxOut> outputs = new ArrayList<>();
        for (int i = 0; i <= random.nextInt(300); i++) {
            byte[] script = new byte[random.nextInt(40)];
            random.nextBytes(script);
            outputs.add(new TxOut(new Satoshi(random.nextLong(2_100_000_000_000_000L)), script));
        }
        return new Transaction(2, inputs, outputs, 0);
    }
}
