package dev.sluice.rate;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** A store's two ways to price: the second is asked where the first has no price. */
enum RateSlot {
    PRIMARY,
    FALLBACK;

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Optional<RateSlot> find(String label) {
        return Stream.of(values())
                .filter(slot -> slot.label().equalsIgnoreCase(label))
                .findFirst();
    }
}
