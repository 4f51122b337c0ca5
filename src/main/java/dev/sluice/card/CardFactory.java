package dev.sluice.card;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Where cards of a programme are made one after the other by whoever has its secret: BTCPay's card factory, with an
 * end.
 *
 * @param wipes whether it gives the keys to wipe a chip too, for a fresh tap
 * @param cardsMax how many cards it makes at most
 */
record CardFactory(
        String id,
        String programme,
        String name,
        boolean wipes,
        int cardsMax,
        int cardsMade,
        String madeBy,
        Instant expiresAt,
        @Nullable Instant closedAt,
        Instant createdAt) {
    boolean isOpen(Instant now) {
        return closedAt == null && now.isBefore(expiresAt);
    }
}
