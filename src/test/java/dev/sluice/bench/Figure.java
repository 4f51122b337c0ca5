package dev.sluice.bench;

import java.util.Locale;

/**
 * One line of the result.
 *
 * @param floor what bare means reach here and now, in the same unit; 0 where it could not be measured
 * @param bar what was promised, in words of the line; {@code -} where nothing was
 * @param met whether it holds; {@code -} where there is no bar or no floor
 */
record Figure(String name, double value, String unit, double floor, String bar, String met) {
    static Figure plain(String name, double value, String unit, double floor) {
        return new Figure(name, value, unit, floor, "-", "-");
    }

    /** Promised: at least {@code times} the floor. */
    static Figure atLeast(String name, double value, String unit, double floor, double times) {
        String met = floor == 0 ? "-" : answer(value >= times * floor);
        return new Figure(name, value, unit, floor, "ratio>=" + times, met);
    }

    /** Promised: at most {@code limit}, in the same unit. */
    static Figure atMost(String name, double value, String unit, double floor, double limit) {
        return new Figure(name, value, unit, floor, "value<=" + limit, answer(value <= limit));
    }

    private static String answer(boolean holds) {
        return holds ? "yes" : "no";
    }

    @Override
    public String toString() {
        String ratio = floor == 0 ? "na" : String.format(Locale.ROOT, "%.2f", value / floor);
        return String.format(
                Locale.ROOT,
                "bench %s value=%.1f unit=%s floor=%.1f ratio=%s bar=%s met=%s",
                name,
                value,
                unit,
                floor,
                ratio,
                bar,
                met);
    }
}
