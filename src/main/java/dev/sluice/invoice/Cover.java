package dev.sluice.invoice;

/** How far payments cover what is due. */
enum Cover {
    NONE,
    PARTIAL,
    FULL,
    OVER;

    boolean isFull() {
        return this == FULL || this == OVER;
    }
}
