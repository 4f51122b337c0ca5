package dev.sluice.bench;

import dev.sluice.card.ntag424.AesKey;
import dev.sluice.card.ntag424.CardReader;
import dev.sluice.card.ntag424.IssuerKey;
import dev.sluice.card.ntag424.Tap;
import dev.sluice.card.ntag424.Uid;
import dev.sluice.card.ntag424.VirtualCard;
import dev.sluice.kernel.Entropy;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;

/**
 * What the cryptography of a tap costs on one thread: from the two parameters to a proof, with the card's id and keys
 * derived and nothing remembered of the card. The floor is the AES blocks that this takes, by a cipher made beforehand.
 */
final class CardCryptoBench {
    private static final int CARDS = 1_000;
    private static final double MICROS_MAX = 25;
    /** One decryption; id, card key, K2, session key and MAC: a subkey and a block each. */
    private static final int BLOCKS = 1 + 5 * 2;

    private CardCryptoBench() {}

    static List<Figure> run(double seconds) throws Exception {
        IssuerKey issuer = new IssuerKey(new AesKey(Entropy.secure().bytes(AesKey.BYTES)));
        String[][] taps = new String[CARDS][];
        for (int i = 0; i < CARDS; i++) {
            Uid uid = new Uid(HexFormat.of().formatHex(Entropy.secure().bytes(Uid.BYTES)));
            Tap tap = new VirtualCard(issuer.cardKeys(uid, 1, Optional.empty()), uid, i, Entropy.secure()).tap();
            taps[i] = new String[] {tap.p().toUpperCase(java.util.Locale.ROOT), tap.c()};
        }
        CardReader reader = new CardReader(List.of(issuer));
        verify(reader, taps, seconds);
        double floor = Double.MAX_VALUE;
        double best = Double.MAX_VALUE;
        for (int round = 0; round < 3; round++) {
            floor = Math.min(floor, blocks(seconds / 3));
            best = Math.min(best, verify(reader, taps, seconds / 3));
        }
        return List.of(Figure.atMost("tap-crypto", best, "us", floor, MICROS_MAX));
    }

    private static double verify(CardReader reader, String[][] taps, double seconds) {
        long began = System.nanoTime();
        long end = began + (long) (seconds * 1e9);
        long count = 0;
        while (System.nanoTime() < end) {
            String[] shown = taps[(int) (count++ % taps.length)];
            Tap tap = Tap.of(shown[0], shown[1]);
            CardReader.Claim claim = reader.claims(tap).getFirst();
            Uid uid = claim.said().uid();
            boolean known = claim.issuer().cardId(uid).length == AesKey.BYTES;
            if (!known || !claim.said().isProvedBy(tap, claim.issuer().tapKey(uid, 1, Optional.empty()))) {
                throw new IllegalStateException("a tap was not proved");
            }
        }
        return (System.nanoTime() - began) / 1e3 / count;
    }

    private static double blocks(double seconds) throws Exception {
        Cipher cipher = Cipher.getInstance("AES/ECB/NoPadding");
        cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(new byte[AesKey.BYTES], "AES"));
        byte[] block = new byte[AesKey.BYTES];
        long began = System.nanoTime();
        long end = began + (long) (seconds * 1e9);
        long count = 0;
        while (System.nanoTime() < end) {
            for (int i = 0; i < BLOCKS; i++) {
                cipher.doFinal(block, 0, block.length, block, 0);
            }
            count++;
        }
        return (System.nanoTime() - began) / 1e3 / count;
    }
}
