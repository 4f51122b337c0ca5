package dev.sluice.card;

/** Carries a {@link Decline} through a future; nothing is broken, so it has no stack trace. */
final class Declined extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Decline why;

    Declined(Decline why) {
        super(why.code(), null, false, false);
        this.why = why;
    }

    Decline why() {
        return why;
    }
}
