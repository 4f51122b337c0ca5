package dev.sluice.chain;

import dev.sluice.kernel.Sha256;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Walks serialised transactions (BIP 144) in place: {@link #next()} moves to the next one and the accessors read it
 * where it lies. Nothing is allocated for a transaction that does not concern us. Every length is checked against the
 * bytes that are there, so malformed input costs no more than its own size.
 */
final class TransactionReader {
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    /** Smallest input: outpoint 36, empty script 1, sequence 4. Smallest output: value 8, empty script 1. */
    private static final int INPUT_BYTES_MIN = 41;

    private static final int OUTPUT_BYTES_MIN = 9;
    private static final int OUTPOINT_BYTES = 36;
    /** 21 million bitcoin. */
    private static final long VALUE_MAX = 2_100_000_000_000_000L;
    /** BIP 125: a lower sequence number signals that the transaction may be replaced. */
    private static final int SEQUENCE_FINAL_MIN = 0xfffffffe;

    private final byte[] bytes;
    private final MessageDigest sha256 = Sha256.digest();
    private int at;
    private int start;
    private int bodyStart;
    private int bodyEnd;
    private int lockTimeAt;
    private int inputs;
    private int outputs;
    private int[] inputAt = new int[16];
    private int[] outputAt = new int[16];
    private int[] scriptAt = new int[16];
    private int[] scriptLength = new int[16];
    private boolean replaceable;

    TransactionReader(byte[] bytes, int from) {
        this.bytes = bytes;
        this.at = from;
    }

    byte[] bytes() {
        return bytes;
    }

    /** Where the next transaction would begin. */
    int position() {
        return at;
    }

    boolean atEnd() {
        return at == bytes.length;
    }

    /** Moves to the next transaction; throws {@link MalformedException}. */
    void next() {
        start = at;
        skip(4);
        boolean witness = at + 1 < bytes.length && bytes[at] == 0 && bytes[at + 1] == 1;
        if (witness) {
            skip(2);
        }
        bodyStart = at;
        readInputs();
        readOutputs();
        bodyEnd = at;
        if (witness) {
            skipWitnesses();
        }
        lockTimeAt = at;
        skip(4);
    }

    private void readInputs() {
        inputs = count(INPUT_BYTES_MIN);
        malformedIf(inputs == 0, "transaction without inputs");
        inputAt = room(inputAt, inputs);
        replaceable = false;
        for (int i = 0; i < inputs; i++) {
            inputAt[i] = at;
            skip(OUTPOINT_BYTES);
            skip(count(1));
            malformedIf(bytes.length - at < 4, "transaction ends early");
            replaceable |= Integer.compareUnsigned((int) INT.get(bytes, at), SEQUENCE_FINAL_MIN) < 0;
            skip(4);
        }
    }

    private void readOutputs() {
        outputs = count(OUTPUT_BYTES_MIN);
        malformedIf(outputs == 0, "transaction without outputs");
        outputAt = room(outputAt, outputs);
        scriptAt = room(scriptAt, outputs);
        scriptLength = room(scriptLength, outputs);
        for (int i = 0; i < outputs; i++) {
            outputAt[i] = at;
            skip(8);
            long value = value(i);
            malformedIf(value < 0 || value > VALUE_MAX, "output value out of range");
            scriptLength[i] = count(1);
            scriptAt[i] = at;
            skip(scriptLength[i]);
        }
    }

    private void skipWitnesses() {
        for (int i = 0; i < inputs; i++) {
            int items = count(1);
            for (int item = 0; item < items; item++) {
                skip(count(1));
            }
        }
    }

    int inputs() {
        return inputs;
    }

    int outputs() {
        return outputs;
    }

    /** Where the 36 bytes of an input's outpoint lie. */
    int outpointAt(int input) {
        return inputAt[input];
    }

    /** Satoshi. */
    long value(int output) {
        return (long) LONG.get(bytes, outputAt[output]);
    }

    int scriptAt(int output) {
        return scriptAt[output];
    }

    int scriptLength(int output) {
        return scriptLength[output];
    }

    /** Whether an input signals BIP 125 replacement. */
    boolean replaceable() {
        return replaceable;
    }

    /** Whether it mints: one input that spends nothing. */
    boolean coinbase() {
        if (inputs != 1 || (int) INT.get(bytes, inputAt[0] + 32) != -1) {
            return false;
        }
        for (int i = 0; i < 32; i++) {
            if (bytes[inputAt[0] + i] != 0) {
                return false;
            }
        }
        return true;
    }

    /** Double SHA-256 without the witnesses, in the order of the bytes on the wire. */
    byte[] hash() {
        sha256.update(bytes, start, 4);
        sha256.update(bytes, bodyStart, bodyEnd - bodyStart);
        sha256.update(bytes, lockTimeAt, 4);
        return sha256.digest(sha256.digest());
    }

    /** The transaction as a value that outlives the walk. */
    ChainTransaction read() {
        var spends = new java.util.ArrayList<Outpoint>(inputs);
        boolean coinbase = coinbase();
        for (int i = 0; i < inputs && !coinbase; i++) {
            int index = (int) INT.get(bytes, inputAt[i] + 32);
            malformedIf(index < 0, "output index out of range");
            spends.add(new Outpoint(reversedHex(bytes, inputAt[i]), index));
        }
        var pays = new java.util.ArrayList<ChainTransaction.Output>(outputs);
        for (int i = 0; i < outputs; i++) {
            pays.add(new ChainTransaction.Output(
                    i, Arrays.copyOfRange(bytes, scriptAt[i], scriptAt[i] + scriptLength[i]), value(i)));
        }
        return new ChainTransaction(reversedHex(hash(), 0), spends, pays, replaceable, coinbase);
    }

    /** A hash as people write it: byte-reversed, lower-case hex. */
    static String reversedHex(byte[] bytes, int from) {
        byte[] reversed = new byte[32];
        for (int i = 0; i < 32; i++) {
            reversed[i] = bytes[from + 31 - i];
        }
        return HexFormat.of().formatHex(reversed);
    }

    /** Reads a count of things of which each takes at least {@code bytesEach}: more than can be there is malformed. */
    int count(int bytesEach) {
        malformedIf(at >= bytes.length, "transaction ends early");
        int first = bytes[at] & 0xff;
        int width = first < 0xfd ? 0 : first == 0xfd ? 2 : first == 0xfe ? 4 : 8;
        malformedIf(bytes.length - at <= width, "transaction ends early");
        long count = width == 0 ? first : 0;
        for (int i = 0; i < width; i++) {
            count |= (bytes[at + 1 + i] & 0xffL) << (8 * i);
        }
        at += 1 + width;
        malformedIf(count < 0 || count > (bytes.length - at) / bytesEach, "count exceeds the bytes that are there");
        return (int) count;
    }

    private void skip(int length) {
        malformedIf(length > bytes.length - at, "transaction ends early");
        at += length;
    }

    private static int[] room(int[] array, int length) {
        return array.length >= length ? array : new int[Math.max(length, array.length * 2)];
    }

    private static void malformedIf(boolean condition, String message) {
        if (condition) {
            throw new MalformedException(message);
        }
    }
}
