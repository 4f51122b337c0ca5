package dev.sluice.lightning;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.lightning.Outgoing.State;
import dev.sluice.lightning.PaymentTransitions.Act;
import dev.sluice.lightning.PaymentTransitions.Event;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every cell, written out once more by hand. */
class PaymentTransitionsTest {
    @ParameterizedTest
    @CsvSource({
        "INTENDED, DRIVE, IN_FLIGHT, SEND",
        "INTENDED, PENDING, INTENDED, IGNORE",
        "INTENDED, PAID, INTENDED, IGNORE",
        "INTENDED, NOT_PAID, INTENDED, IGNORE",
        "INTENDED, LOST, INTENDED, IGNORE",
        "INTENDED, EXISTS, INTENDED, IGNORE",
        "INTENDED, REFUSED, INTENDED, IGNORE",
        "INTENDED, UNKNOWN_YET, INTENDED, IGNORE",
        "INTENDED, UNKNOWN, INTENDED, IGNORE",
        "INTENDED, UNKNOWN_AND_REFUSED, INTENDED, IGNORE",
        "IN_FLIGHT, DRIVE, IN_FLIGHT, TRACK",
        "IN_FLIGHT, PENDING, IN_FLIGHT, WAIT",
        "IN_FLIGHT, PAID, SUCCEEDED, FINISH",
        "IN_FLIGHT, NOT_PAID, FAILED, FINISH",
        "IN_FLIGHT, LOST, IN_FLIGHT, TRACK_LATER",
        "IN_FLIGHT, EXISTS, IN_FLIGHT, TRACK",
        "IN_FLIGHT, REFUSED, IN_FLIGHT, TRACK",
        "IN_FLIGHT, UNKNOWN_YET, IN_FLIGHT, TRACK_LATER",
        "IN_FLIGHT, UNKNOWN, IN_FLIGHT, SEND",
        "IN_FLIGHT, UNKNOWN_AND_REFUSED, FAILED, FINISH"
    })
    void openStatesMoveAsWritten(State state, Event event, State next, Act act) {
        assertThat(PaymentTransitions.of(state, event)).isEqualTo(new PaymentTransitions.Step(next, act));
    }

    @Test
    void finalStatesNeverChange() {
        for (State state : new State[] {State.SUCCEEDED, State.FAILED}) {
            for (Event event : Event.values()) {
                assertThat(PaymentTransitions.of(state, event))
                        .isEqualTo(new PaymentTransitions.Step(state, Act.IGNORE));
            }
        }
    }

    @Test
    void theTableAboveIsComplete() {
        assertThat(Event.values()).hasSize(10);
        assertThat(State.values()).hasSize(4);
    }
}
