package dev.sluice.card;

import org.jspecify.annotations.Nullable;

/**
 * What may be spent, in smallest units of the card's asset, above 0; null for no limit. Days, weeks and months are the
 * last 24 hours, 7 days and 30 days.
 */
public record Limits(
        @Nullable Long tap,
        @Nullable Long day,
        @Nullable Long week,
        @Nullable Long month) {
    public static final Limits NONE = new Limits(null, null, null, null);

    /** The stricter of each. */
    Limits and(Limits other) {
        return new Limits(
                least(tap, other.tap), least(day, other.day), least(week, other.week), least(month, other.month));
    }

    /** The strictest of all; null for none. */
    @Nullable
    Long least() {
        return least(least(tap, day), least(week, month));
    }

    /** Whether what was spent before matters. */
    boolean looksBack() {
        return day != null || week != null || month != null;
    }

    private static @Nullable Long least(@Nullable Long a, @Nullable Long b) {
        if (a == null || b == null) {
            return a == null ? b : a;
        }
        return Math.min(a, b);
    }
}
