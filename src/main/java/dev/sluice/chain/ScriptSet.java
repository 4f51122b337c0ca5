package dev.sluice.chain;

import dev.sluice.kernel.Check;
import dev.sluice.kernel.Entropy;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * A growing set of byte strings that keeps only a keyed 64-bit fingerprint of each (SipHash-2-4, key drawn at start so
 * that nobody can aim for a collision). "No" is certain; "yes" is confirmed in the database. Ten million entries take
 * 128 MiB. Not for use by two threads at a time.
 */
final class ScriptSet {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int CAPACITY_MIN = 1 << 10;
    /** 2 GiB of fingerprints: about 170 million entries. */
    private static final int CAPACITY_MAX = 1 << 28;

    private final long key0;
    private final long key1;
    private long[] table = new long[CAPACITY_MIN];
    private int size;

    ScriptSet(Entropy entropy) {
        byte[] key = entropy.bytes(16);
        key0 = (long) LONG.get(key, 0);
        key1 = (long) LONG.get(key, 8);
    }

    /** Entries whose fingerprints differ. */
    int size() {
        return size;
    }

    /** Makes room in one step for what is about to be loaded. */
    void reserve(int entries) {
        int capacity = table.length;
        while (isFull(entries, capacity)) {
            capacity = doubled(capacity);
        }
        if (capacity > table.length) {
            table = rehash(table, capacity);
        }
    }

    void add(byte[] bytes) {
        add(bytes, 0, bytes.length);
    }

    void add(byte[] bytes, int from, int length) {
        if (isFull(size + 1, table.length)) {
            table = rehash(table, doubled(table.length));
        }
        if (insert(table, fingerprint(bytes, from, length))) {
            size++;
        }
    }

    /** Whether the bytes may be in the set; wrong once in 10^12 at ten million entries. */
    boolean mayContain(byte[] bytes, int from, int length) {
        return mayContain(fingerprint(bytes, from, length));
    }

    /** Likewise of what {@link #fingerprint} gave for them. */
    boolean mayContain(long fingerprint) {
        long[] slots = table;
        int mask = slots.length - 1;
        for (int slot = (int) fingerprint & mask; slots[slot] != 0; slot = (slot + 1) & mask) {
            if (slots[slot] == fingerprint) {
                return true;
            }
        }
        return false;
    }

    /** Linear probing stays short up to about two thirds. */
    private static boolean isFull(int entries, int capacity) {
        return entries > capacity / 3 * 2;
    }

    private static int doubled(int capacity) {
        Check.require(capacity < CAPACITY_MAX, "more watched scripts than this process can hold");
        return capacity * 2;
    }

    private static long[] rehash(long[] from, int capacity) {
        long[] to = new long[capacity];
        for (long fingerprint : from) {
            if (fingerprint != 0) {
                insert(to, fingerprint);
            }
        }
        return to;
    }

    private static boolean insert(long[] slots, long fingerprint) {
        int mask = slots.length - 1;
        int slot = (int) fingerprint & mask;
        while (slots[slot] != 0) {
            if (slots[slot] == fingerprint) {
                return false;
            }
            slot = (slot + 1) & mask;
        }
        slots[slot] = fingerprint;
        return true;
    }

    long fingerprint(byte[] bytes, int from, int length) {
        long hash = sipHash(bytes, from, length);
        return hash == 0 ? 1 : hash; // 0 marks an empty slot
    }

    /** SipHash-2-4 (Aumasson and Bernstein, 2012). */
    private long sipHash(byte[] bytes, int from, int length) {
        long v0 = key0 ^ 0x736f6d6570736575L;
        long v1 = key1 ^ 0x646f72616e646f6dL;
        long v2 = key0 ^ 0x6c7967656e657261L;
        long v3 = key1 ^ 0x7465646279746573L;
        int words = length / 8;
        for (int i = 0; i <= words + 2; i++) {
            long word = 0;
            if (i < words) {
                word = (long) LONG.get(bytes, from + i * 8);
            } else if (i == words) {
                word = lastWord(bytes, from + words * 8, length);
            }
            if (i == words + 1) {
                v2 ^= 0xff;
            }
            v3 ^= word;
            for (int round = 0; round < 2; round++) {
                v0 += v1;
                v2 += v3;
                v1 = Long.rotateLeft(v1, 13) ^ v0;
                v3 = Long.rotateLeft(v3, 16) ^ v2;
                v0 = Long.rotateLeft(v0, 32);
                v2 += v1;
                v0 += v3;
                v1 = Long.rotateLeft(v1, 17) ^ v2;
                v3 = Long.rotateLeft(v3, 21) ^ v0;
                v2 = Long.rotateLeft(v2, 32);
            }
            v0 ^= word;
        }
        return v0 ^ v1 ^ v2 ^ v3;
    }

    private static long lastWord(byte[] bytes, int from, int length) {
        long word = (long) (length & 0xff) << 56;
        for (int i = 0; i < (length & 7); i++) {
            word |= (bytes[from + i] & 0xffL) << (8 * i);
        }
        return word;
    }
}
