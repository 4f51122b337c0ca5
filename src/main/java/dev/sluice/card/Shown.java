package dev.sluice.card;

import dev.sluice.card.ntag424.Uid;
import org.jspecify.annotations.Nullable;

/**
 * A tap that a card of ours signed.
 *
 * @param card as it was when the tap was read
 * @param uid the chip's own; never kept, so null where the tap is known by its session
 * @param keyVersion of the keys it was signed with
 * @param counter 0 to 2^24 - 1
 */
record Shown(Card card, @Nullable Uid uid, int keyVersion, int counter) {
    /** Whether it shows keys that nobody had seen before. */
    boolean confirms() {
        Card.Chip chip = card.chip();
        return chip != null && chip.next() != null && chip.next() == keyVersion;
    }
}
