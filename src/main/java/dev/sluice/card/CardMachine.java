package dev.sluice.card;

import static dev.sluice.card.CardState.ACTIVE;
import static dev.sluice.card.CardState.BLANK;
import static dev.sluice.card.CardState.EXPIRED;
import static dev.sluice.card.CardState.FROZEN;
import static dev.sluice.card.CardState.ISSUED;
import static dev.sluice.card.CardState.LOST;
import static dev.sluice.card.CardState.PROGRAMMING;
import static dev.sluice.card.CardState.REPLACED;
import static dev.sluice.card.CardState.RESET;
import static dev.sluice.card.CardState.RESETTING;

import java.util.Optional;

/**
 * The life of a card as a table. A chip that is written again keeps its state and its old keys until a tap shows the
 * new ones, so a write that breaks off leaves a card that works.
 */
final class CardMachine {
    private CardMachine() {}

    /** Where a card goes, or empty where that cannot happen to it now. */
    static Optional<CardState> next(CardState from, CardTrigger trigger) {
        return Optional.ofNullable(
                switch (trigger) {
                    case PROGRAM -> program(from);
                    case CONFIRM -> confirm(from);
                    case ACTIVATE -> from == ISSUED || from == ACTIVE ? ACTIVE : null;
                    case FREEZE -> from == ISSUED || from == ACTIVE || from == FROZEN ? FROZEN : null;
                    case UNFREEZE -> from == FROZEN ? ACTIVE : null;
                    case LOSE -> isOver(from) || from == BLANK ? null : LOST;
                    case REPLACE -> from == REPLACED || from == BLANK ? null : REPLACED;
                    case EXPIRE -> from == ISSUED || from == ACTIVE || from == FROZEN ? EXPIRED : null;
                    case RESET -> from == BLANK || from == RESET || from == PROGRAMMING ? null : RESETTING;
                    case WIPE -> from == RESETTING ? RESET : null;
                });
    }

    private static @org.jspecify.annotations.Nullable CardState program(CardState from) {
        return switch (from) {
            case BLANK, PROGRAMMING -> PROGRAMMING;
            case ISSUED, ACTIVE, FROZEN -> from;
            case RESET -> PROGRAMMING;
            case LOST, REPLACED, EXPIRED, RESETTING -> null;
        };
    }

    private static @org.jspecify.annotations.Nullable CardState confirm(CardState from) {
        return switch (from) {
            case PROGRAMMING -> ISSUED;
            case ISSUED, ACTIVE, FROZEN -> from;
            case BLANK, LOST, REPLACED, EXPIRED, RESETTING, RESET -> null;
        };
    }

    private static boolean isOver(CardState state) {
        return state == LOST || state == REPLACED || state == RESET;
    }
}
