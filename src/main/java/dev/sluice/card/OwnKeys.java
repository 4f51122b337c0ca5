package dev.sluice.card;

import dev.sluice.card.ntag424.AesKey;
import dev.sluice.card.ntag424.CardKeys;
import dev.sluice.kernel.CardId;
import dev.sluice.kernel.Entropy;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;

/** Keys of a card that follow from nothing: kept sealed, for that card alone. */
final class OwnKeys {
    private static final int KEYS = 5;

    private OwnKeys() {}

    /** The five keys sealed, as {@link Card.Chip} carries them. */
    static Buffer close(CardKeys keys, CardId card, Seal seal, Entropy entropy) {
        ByteBuffer all = ByteBuffer.allocate(KEYS * AesKey.BYTES);
        all.put(keys.k0().bytes())
                .put(keys.k1().bytes())
                .put(keys.k2().bytes())
                .put(keys.k3().bytes())
                .put(keys.k4().bytes());
        return Buffer.buffer(seal.close(all.array(), purpose(card), entropy));
    }

    /** Throws {@link IllegalStateException} where they were sealed for another card, or with another key. */
    static CardKeys open(Buffer sealed, CardId card, Seal seal) {
        byte[] all = seal.open(sealed.getBytes(), purpose(card));
        return new CardKeys(key(all, 0), key(all, 1), key(all, 2), key(all, 3), key(all, 4));
    }

    private static AesKey key(byte[] all, int index) {
        return new AesKey(java.util.Arrays.copyOfRange(all, index * AesKey.BYTES, (index + 1) * AesKey.BYTES));
    }

    private static String purpose(CardId card) {
        return "card keys " + card.value();
    }
}
