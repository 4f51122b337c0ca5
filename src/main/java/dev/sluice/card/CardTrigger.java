package dev.sluice.card;

/** What can happen to a card. */
public enum CardTrigger {
    /** Keys were handed out to write a chip. */
    PROGRAM,
    /** A tap with keys that nobody had seen before. */
    CONFIRM,
    ACTIVATE,
    FREEZE,
    UNFREEZE,
    /** Reported lost or stolen. */
    LOSE,
    /** Its balance moved to another card. */
    REPLACE,
    EXPIRE,
    /** Keys were handed out to wipe the chip. */
    RESET,
    /** Whoever wiped the chip says that it is done. */
    WIPE
}
