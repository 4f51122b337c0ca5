package dev.sluice.card;

import dev.sluice.kernel.InvoiceId;
import dev.sluice.kernel.Money;
import org.jspecify.annotations.Nullable;

/**
 * What a terminal asks of a card whose tap was proved.
 *
 * @param fair the price in the card's units, without what an exchange costs
 * @param exchanged whether price and card count different things
 * @param capture whether the money moves at once; else it is reserved
 * @param request terminal and Idempotency-Key; null for none
 */
record ChargeAsk(
        String id,
        Shown tap,
        Terminal terminal,
        Money price,
        long fair,
        boolean exchanged,
        boolean capture,
        Pin pin,
        @Nullable Request request,
        @Nullable InvoiceId invoice) {
    private static final long PPM = 1_000_000;

    /** What came of the PIN that was typed. */
    enum Pin {
        NOT_GIVEN,
        RIGHT,
        WRONG,
        LOCKED,
        NOT_SET
    }

    /**
     * Names a request.
     *
     * @param key SHA-256 of terminal and Idempotency-Key
     * @param hash SHA-256 of what is asked
     */
    record Request(byte[] key, byte[] hash) {}

    ChargeAsk with(Pin typed) {
        return new ChargeAsk(id, tap, terminal, price, fair, exchanged, capture, typed, request, invoice);
    }

    /** What the exchange costs under a programme, rounded up. */
    long spread(Programme programme) {
        long ppm = exchanged ? programme.spreadPpm() : 0;
        return fair / PPM * ppm + Math.ceilDiv(fair % PPM * ppm, PPM); // in two parts, so that it fits
    }
}
