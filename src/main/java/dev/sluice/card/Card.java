package dev.sluice.card;

import dev.sluice.kernel.CardId;
import dev.sluice.kernel.StoreId;
import io.vertx.core.buffer.Buffer;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A card as it stands in the database.
 *
 * @param chip who it is to a reader; null while no chip was written
 * @param counter of the newest tap that was shown, -1 for none
 * @param tapOpen whether that tap may still pay
 * @param tappedAt when it was first shown
 * @param pinHash Argon2id; null for no PIN
 * @param handle name of its Lightning address; random
 * @param pinTries wrong PINs that are left before it locks, 0 to 3
 */
public record Card(
        CardId id,
        StoreId store,
        String programme,
        @Nullable Chip chip,
        CardState state,
        int counter,
        boolean tapOpen,
        @Nullable Instant tappedAt,
        @Nullable String holder,
        @Nullable String label,
        @Nullable String pinHash,
        int pinTries,
        Limits limits,
        @Nullable Instant expiresAt,
        @Nullable CardId replacedBy,
        String handle,
        long version,
        Instant createdAt) {
    /** Wrong PINs until it locks. */
    public static final int PIN_TRIES = 3;

    private static final String SUBJECT = "card:";

    /**
     * The chip's keys.
     *
     * @param issuer whose key its keys follow from
     * @param version of the keys that were seen on it
     * @param next of the keys that were handed out for it and not seen yet; null for none
     * @param extra the pull payment's id of a card that BTCPay Server issued; null for ours
     * @param own its keys, sealed ({@link OwnKeys}), where they follow from nothing; null where they follow from the
     *     issuer's
     */
    public record Chip(
            int issuer,
            int version,
            @Nullable Integer next,
            @Nullable String extra,
            @Nullable Buffer own) {}

    /** What its ledger transfers, its events and the addresses reserved for it name it by. */
    static String subject(CardId id) {
        return SUBJECT + id;
    }

    static boolean isSubject(String text) {
        return text.startsWith(SUBJECT);
    }

    /** The id of the card a subject names. */
    static CardId idOf(String subject) {
        return new CardId(subject.substring(SUBJECT.length()));
    }

    /** Where it stands at a moment: its time may be over before anybody has marked it. */
    CardState stateAt(Instant now) {
        boolean gone = state == CardState.REPLACED || state == CardState.LOST;
        return isExpired(now) && !gone ? CardState.EXPIRED : state;
    }

    boolean isExpired(Instant now) {
        return expiresAt != null && !now.isBefore(expiresAt);
    }
}
