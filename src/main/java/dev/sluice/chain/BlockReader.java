package dev.sluice.chain;

import dev.sluice.kernel.Sha256;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/** Reads a serialised block and proves that it is the one asked for: header hash, parent and merkle root must fit. */
final class BlockReader {
    private static final int HEADER_BYTES = 80;
    private static final int PARENT_AT = 4;
    private static final int MERKLE_ROOT_AT = 36;
    /** Smallest transaction: version, one input, one output, lock time. */
    private static final int TRANSACTION_BYTES_MIN = 60;

    private BlockReader() {}

    /**
     * Hands over each transaction in turn; throws {@link MalformedException} at the end when the block is not
     * {@code hash} on top of {@code previousHash}, so keep nothing before this returns.
     */
    static void read(byte[] block, String hash, String previousHash, Consumer<TransactionReader> each) {
        check(block.length > HEADER_BYTES, "block ends early");
        MessageDigest sha256 = Sha256.digest();
        sha256.update(block, 0, HEADER_BYTES);
        check(TransactionReader.reversedHex(sha256.digest(sha256.digest()), 0).equals(hash), "another block");
        check(TransactionReader.reversedHex(block, PARENT_AT).equals(previousHash), "another parent");
        TransactionReader reader = new TransactionReader(block, HEADER_BYTES);
        int count = reader.count(TRANSACTION_BYTES_MIN);
        check(count > 0, "block without transactions");
        List<byte[]> hashes = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            reader.next();
            hashes.add(reader.hash());
            each.accept(reader);
        }
        check(reader.atEnd(), "bytes after the last transaction");
        byte[] root = Arrays.copyOfRange(block, MERKLE_ROOT_AT, MERKLE_ROOT_AT + 32);
        check(Arrays.equals(merkleRoot(sha256, hashes), root), "wrong merkle root");
    }

    private static byte[] merkleRoot(MessageDigest sha256, List<byte[]> leaves) {
        List<byte[]> level = leaves;
        while (level.size() > 1) {
            List<byte[]> above = new ArrayList<>(level.size() / 2 + 1);
            for (int i = 0; i < level.size(); i += 2) {
                byte[] right = level.get(Math.min(i + 1, level.size() - 1));
                // A block that repeats a pair hashes like one that does not (CVE-2012-2459).
                check(i + 1 == level.size() || !Arrays.equals(level.get(i), right), "repeated transaction");
                sha256.update(level.get(i));
                sha256.update(right);
                above.add(sha256.digest(sha256.digest()));
            }
            level = above;
        }
        return level.getFirst();
    }

    private static void check(boolean condition, String message) {
        if (!condition) {
            throw new MalformedException(message);
        }
    }
}
