package dev.sluice.lightning;

import static dev.sluice.lightning.Outgoing.State.FAILED;
import static dev.sluice.lightning.Outgoing.State.INTENDED;
import static dev.sluice.lightning.Outgoing.State.IN_FLIGHT;
import static dev.sluice.lightning.Outgoing.State.SUCCEEDED;

import dev.sluice.lightning.Outgoing.State;

/** What each event does to an outgoing payment in each state. No time-out and no lost connection ever fails one. */
final class PaymentTransitions {
    /** What is heard of a payment. */
    enum Event {
        /** The machine takes it up: new, or after a restart. */
        DRIVE,
        /** The node says that it is under way. */
        PENDING,
        /** The node says that it is paid. */
        PAID,
        /** The node says that it failed for good. */
        NOT_PAID,
        /** The stream ended, or the node did not answer. */
        LOST,
        /** The node has this payment already. */
        EXISTS,
        /** The node did not take the payment; whether it has it from before is not said. */
        REFUSED,
        /** The node knows no such payment, but may still hear of it, or may not be itself. */
        UNKNOWN_YET,
        /** The node we asked, in good order, knows no such payment after the grace period. */
        UNKNOWN,
        /** The node refused to take the payment and, asked again, knows none. */
        UNKNOWN_AND_REFUSED
    }

    /** What to do then. */
    enum Act {
        /** Ask the node to send it, after the new state has been committed. */
        SEND,
        TRACK,
        /** Track it after a pause. */
        TRACK_LATER,
        /** The stream goes on. */
        WAIT,
        /** Commit the end. */
        FINISH,
        IGNORE
    }

    /** A cell of the table. */
    record Step(State next, Act act) {}

    private PaymentTransitions() {}

    static Step of(State state, Event event) {
        return switch (state) {
            case INTENDED -> intended(event);
            case IN_FLIGHT -> inFlight(event);
            case SUCCEEDED, FAILED -> new Step(state, Act.IGNORE);
        };
    }

    private static Step intended(Event event) {
        return switch (event) {
            case DRIVE -> new Step(IN_FLIGHT, Act.SEND);
            case PENDING, PAID, NOT_PAID, LOST, EXISTS, REFUSED, UNKNOWN_YET, UNKNOWN, UNKNOWN_AND_REFUSED ->
                new Step(INTENDED, Act.IGNORE); // nobody was asked yet
        };
    }

    private static Step inFlight(Event event) {
        return switch (event) {
            case DRIVE, EXISTS, REFUSED -> new Step(IN_FLIGHT, Act.TRACK);
            case PENDING -> new Step(IN_FLIGHT, Act.WAIT);
            case PAID -> new Step(SUCCEEDED, Act.FINISH);
            case NOT_PAID, UNKNOWN_AND_REFUSED -> new Step(FAILED, Act.FINISH);
            case LOST, UNKNOWN_YET -> new Step(IN_FLIGHT, Act.TRACK_LATER);
            case UNKNOWN -> new Step(IN_FLIGHT, Act.SEND);
        };
    }
}
