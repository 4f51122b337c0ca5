package dev.sluice.card.ntag424;

import dev.sluice.kernel.Check;
import dev.sluice.kernel.Entropy;
import java.util.HexFormat;

/** An NTAG 424 in software: taps as a card's, for anyone without hardware and for tests. Not for several threads. */
public final class VirtualCard {
    private static final int PADDING = 5;

    private final CardKeys keys;
    private final Uid uid;
    private final Entropy entropy;
    private int next;

    /** @param counter of the next tap, 0 to 2^24 - 1 */
    public VirtualCard(CardKeys keys, Uid uid, int counter, Entropy entropy) {
        Check.require(counter >= 0 && counter <= PiccData.COUNTER_MAX, "a card counts to 2^24 - 1");
        this.keys = keys;
        this.uid = uid;
        this.next = counter;
        this.entropy = entropy;
    }

    /** The next tap; a card that has counted to its end says nothing any more. */
    public Tap tap() {
        Check.require(next <= PiccData.COUNTER_MAX, "this card has counted to its end");
        PiccData data = new PiccData(uid, next++);
        byte[] p = keys.k1().encrypt(data.block(entropy.bytes(PADDING)));
        HexFormat hex = HexFormat.of();
        return new Tap(hex.formatHex(p), hex.formatHex(data.mac(keys.k2(), new byte[0])));
    }
}
