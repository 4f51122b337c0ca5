package dev.sluice.card.ntag424;

import dev.sluice.kernel.Check;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The key from which all keys of an issuer's cards follow, by the Bolt Card's deterministic scheme (boltcard,
 * DETERMINISTIC.md): every key is an AES-CMAC over a constant and what it belongs to, so nothing else is stored. BTCPay
 * Server adds the pull payment's id to the card key, which is how its cards can be taken over.
 */
public final class IssuerKey {
    private static final int CARD_KEY = 0x2D003F75;
    private static final int K0 = 0x2D003F76;
    private static final int K1 = 0x2D003F77;
    private static final int K2 = 0x2D003F78;
    private static final int K3 = 0x2D003F79;
    private static final int K4 = 0x2D003F7A;
    private static final int ID = 0x2D003F7B;

    private final AesKey key;
    private final AesKey encryption;

    public IssuerKey(AesKey key) {
        this(key, new AesKey(key.mac(constant(K1))));
    }

    /**
     * An issuer whose keys follow from nothing and whose cards share K1 alone.
     *
     * @param key ours, by which its cards are known here
     */
    public IssuerKey(AesKey key, AesKey encryption) {
        this.key = key;
        this.encryption = encryption;
    }

    /** K1: one decryption with it finds the card, whichever of the issuer's it is. */
    public AesKey encryption() {
        return encryption;
    }

    /** How a card is known where its UID must not be: 16 bytes that say nothing without this key. */
    public byte[] cardId(Uid uid) {
        return key.mac(
                ByteBuffer.allocate(4 + Uid.BYTES).putInt(ID).put(uid.bytes()).array());
    }

    /**
     * The keys of a card.
     *
     * @param version counts programmings of the card, from 0
     * @param extra the pull payment's id of a card that BTCPay Server issued
     */
    public CardKeys cardKeys(Uid uid, int version, Optional<String> extra) {
        AesKey card = cardKey(uid, version, extra);
        return new CardKeys(derived(card, K0), encryption, derived(card, K2), derived(card, K3), derived(card, K4));
    }

    /** K2 alone, which a tap needs. */
    public AesKey tapKey(Uid uid, int version, Optional<String> extra) {
        return derived(cardKey(uid, version, extra), K2);
    }

    private AesKey cardKey(Uid uid, int version, Optional<String> extra) {
        Check.require(version >= 0, "key version");
        byte[] more = extra.orElse("").getBytes(StandardCharsets.UTF_8);
        ByteBuffer input = ByteBuffer.allocate(4 + Uid.BYTES + 4 + more.length);
        input.putInt(CARD_KEY).put(uid.bytes());
        input.order(ByteOrder.LITTLE_ENDIAN).putInt(version).put(more);
        return new AesKey(key.mac(input.array()));
    }

    private static AesKey derived(AesKey from, int constant) {
        return new AesKey(from.mac(constant(constant)));
    }

    private static byte[] constant(int constant) {
        return ByteBuffer.allocate(4).putInt(constant).array();
    }

    @Override
    public String toString() {
        return "IssuerKey(***)";
    }
}
