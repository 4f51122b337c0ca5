package dev.sluice.ledger;

import dev.sluice.kernel.Check;
import org.jspecify.annotations.Nullable;

/**
 * A movement between two accounts of one asset. Its id is the business fact it records ({@code ln:<payment hash>},
 * {@code onchain:<txid>:<vout>}): the same fact again is the same transfer.
 *
 * @param id 1 to 200 characters
 * @param debit account debited; null when {@code pendingOf} names the reservation to end
 * @param credit account credited; null likewise
 * @param amount smallest units of the asset, above 0; 0 only to void
 * @param pendingOf the reservation this ends, for {@link Phase#POST} and {@link Phase#VOID}
 * @param kind why, from a small closed set
 * @param subject what it concerns ({@code invoice:<id>})
 */
public record Transfer(
        String id,
        @Nullable Account debit,
        @Nullable Account credit,
        long amount,
        Phase phase,
        @Nullable String pendingOf,
        String kind,
        String subject) {
    /** Two-phase life of a transfer. */
    public enum Phase {
        /** Posted at once. */
        SINGLE,
        /** Reserves the amount until posted or voided. */
        PENDING,
        /** Ends a reservation by posting up to its amount; the rest is released. */
        POST,
        /** Ends a reservation without posting. */
        VOID
    }

    public Transfer {
        Check.require(!id.isBlank() && id.length() <= 200, "transfer id");
        boolean ends = phase == Phase.POST || phase == Phase.VOID;
        Check.require(ends == (pendingOf != null), "exactly post and void name a reservation");
        Check.require(ends == (debit == null) && ends == (credit == null), "post and void take their accounts from it");
        Check.require(phase == Phase.VOID ? amount == 0 : amount > 0, "transfer amount");
        Check.require(debit == null || credit == null || debit.asset().equals(credit.asset()), "two assets");
    }

    /** A transfer that posts at once. */
    public static Transfer single(String id, Account debit, Account credit, long amount, String kind, String subject) {
        return new Transfer(id, debit, credit, amount, Phase.SINGLE, null, kind, subject);
    }

    /** A reservation. */
    public static Transfer pending(String id, Account debit, Account credit, long amount, String kind, String subject) {
        return new Transfer(id, debit, credit, amount, Phase.PENDING, null, kind, subject);
    }

    /** Posts {@code amount}, at most what was reserved, and releases the rest. */
    public static Transfer post(String id, String pendingOf, long amount, String kind, String subject) {
        return new Transfer(id, null, null, amount, Phase.POST, pendingOf, kind, subject);
    }

    /** Releases a reservation; only ever on a definite answer. */
    public static Transfer voiding(String id, String pendingOf, String kind, String subject) {
        return new Transfer(id, null, null, 0, Phase.VOID, pendingOf, kind, subject);
    }
}
