package dev.sluice.card;

import dev.sluice.card.ntag424.Tap;
import dev.sluice.card.ntag424.Uid;

/** What an app wants keys for. */
sealed interface KeyAsk {
    /** To write a chip that told its UID. */
    record Write(Uid uid) implements KeyAsk {}

    /** To write new keys on a chip that has some of ours. */
    record Rewrite(Tap tap) implements KeyAsk {}

    /** To wipe a chip. */
    record Wipe(Tap tap) implements KeyAsk {}
}
