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
 * @param place where the card's row lay then; null where it was not noted, or may have changed
 */
record Shown(Card card, @Nullable Uid uid, int keyVersion, int counter, TapRepository.@Nullable Place place) {
    /** One whose card is read again before anything is decided. */
    Shown(Card card, @Nullable Uid uid, int keyVersion, int counter) {
        this(card, uid, keyVersion, counter, null);
    }

    /** The same, whose card may have changed. */
    Shown moved() {
        return new Shown(card, uid, keyVersion, counter);
    }

    /** Whether it shows keys that nobody had seen before. */
    boolean confirms() {
        return confirms(card.chip());
    }

    /** Whether it is signed with keys that a chip was given and nobody has seen. */
    boolean confirms(Card.@Nullable Chip chip) {
        return chip != null && chip.next() != null && chip.next() == keyVersion;
    }

    /** Whether it is signed with keys that its chip had before. */
    boolean hasOldKeys() {
        Card.Chip chip = card.chip();
        return chip == null || !confirms(chip) && chip.version() != keyVersion;
    }
}
