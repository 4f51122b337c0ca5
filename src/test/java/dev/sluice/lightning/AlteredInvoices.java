package dev.sluice.lightning;

import fr.acinq.bitcoin.Bech32;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Invoices that somebody made in ill will: another amount, another word in a field, a field given twice and not alike;
 * with a right checksum, so that readers look at what they say.
 */
final class AlteredInvoices {
    private static final int TIMESTAMP_WORDS = 7;
    private static final int SIGNATURE_WORDS = 104;

    private final Random random;

    AlteredInvoices(long seed) {
        this.random = new Random(seed);
    }

    String of(String invoice) {
        var decoded = Bech32.decode(invoice, false);
        byte[] words = FiveBits.unboxed(decoded.getSecond());
        String prefix = decoded.getFirst();
        int kind = random.nextInt(3);
        String said = kind == 0 ? "lnbcrt" + amount() : prefix;
        byte[] altered = switch (kind) {
            case 1 -> withOther(words, TIMESTAMP_WORDS, words.length - SIGNATURE_WORDS);
            case 2 -> withFieldTwice(words);
            default -> words;
        };
        return Bech32.encode(said, FiveBits.boxed(altered), Bech32.Encoding.Bech32);
    }

    private String amount() {
        return random.nextInt(1, 100_000) + List.of("", "m", "u", "n", "p").get(random.nextInt(5));
    }

    private byte[] withOther(byte[] words, int from, int until) {
        byte[] other = words.clone();
        other[random.nextInt(from, until)] = (byte) random.nextInt(32);
        return other;
    }

    /** A field's data again with another word in it, before or behind any field. */
    private byte[] withFieldTwice(byte[] words) {
        List<byte[]> fields = new ArrayList<>();
        int end = words.length - SIGNATURE_WORDS;
        for (int at = TIMESTAMP_WORDS; at < end; ) {
            int length = 3 + words[at + 1] * 32 + words[at + 2];
            fields.add(Arrays.copyOfRange(words, at, at + length));
            at += length;
        }
        byte[] one = fields.get(random.nextInt(fields.size()));
        fields.add(random.nextInt(fields.size() + 1), one.length > 3 ? withOther(one, 3, one.length) : one);
        List<byte[]> all = new ArrayList<>(fields);
        all.addFirst(Arrays.copyOf(words, TIMESTAMP_WORDS));
        all.add(Arrays.copyOfRange(words, end, words.length));
        byte[] joined = new byte[all.stream().mapToInt(part -> part.length).sum()];
        int at = 0;
        for (byte[] part : all) {
            System.arraycopy(part, 0, joined, at, part.length);
            at += part.length;
        }
        return joined;
    }
}
