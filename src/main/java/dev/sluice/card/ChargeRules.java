package dev.sluice.card;

import dev.sluice.card.ntag424.PiccData;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Whether a tap may pay: a pure decision over what is locked. The balance is not asked here; the ledger decides it. */
final class ChargeRules {
    /** From when a tap was first shown until it must have paid: enough to type a PIN, little for who skimmed it. */
    static final Duration TAP_LIFETIME = Duration.ofSeconds(60);
    /** More taps than this between two that we see were read by somebody else. */
    static final int JUMP_MAX = 1_000;

    private ChargeRules() {}

    /** Why not; empty where it may. {@code units} include the exchange, and what is reserved. */
    static Optional<Decline> judge(
            Card card, Programme programme, Spent spent, ChargeAsk ask, long units, Instant now) {
        Decline no = ofTap(card, ask.tap(), now);
        no = no == null ? ofState(card, programme, ask.tap(), now) : no;
        no = no == null ? ofPlace(programme, ask, now) : no;
        no = no == null ? ofLimits(card, programme, spent, ask, units) : no;
        no = no == null ? ofPin(programme, ask) : no;
        return Optional.ofNullable(no);
    }

    /** Whether the tap itself can be used: it is the newest, has not paid, is fresh, and its keys still count. */
    static @Nullable Decline ofTap(Card card, Shown tap, Instant now) {
        Card.Chip chip = card.chip();
        if (chip == null || !tap.confirms(chip) && chip.version() != tap.keyVersion()) {
            return Decline.OLD_KEYS;
        }
        if (tap.counter() >= PiccData.COUNTER_MAX) {
            return Decline.WORN_OUT;
        }
        if (isNewer(card, tap)) {
            return null;
        }
        if (tap.counter() < card.counter() || !card.tapOpen()) {
            return Decline.REPLAYED;
        }
        Instant shown = Objects.requireNonNull(card.tappedAt(), "an open tap has a time");
        return now.isAfter(shown.plus(TAP_LIFETIME)) ? Decline.STALE : null;
    }

    /** Whether a tap is newer than all that were shown of its card, with keys that count. */
    static boolean isNewer(Card card, Shown tap) {
        Card.Chip chip = card.chip();
        return tap.confirms(chip)
                || chip != null && chip.version() == tap.keyVersion() && tap.counter() > card.counter();
    }

    /** Whether a card pays at all now. */
    static @Nullable Decline ofState(Card card, Programme programme, Shown tap, Instant now) {
        if (programme.archived()) {
            return Decline.ARCHIVED;
        }
        if (card.isExpired(now)) {
            return Decline.EXPIRED;
        }
        return switch (stateAtTap(card, programme, tap)) {
            case ACTIVE -> null;
            case BLANK, PROGRAMMING, ISSUED -> Decline.NOT_ACTIVE;
            case FROZEN -> Decline.FROZEN;
            case LOST -> Decline.LOST;
            case REPLACED -> Decline.REPLACED;
            case EXPIRED -> Decline.EXPIRED;
            case RESETTING, RESET -> Decline.RESET;
        };
    }

    /** A first tap confirms the keys, and activates a card whose programme says so. */
    static CardState stateAtTap(Card card, Programme programme, Shown tap) {
        CardState state = card.state();
        if (tap.confirms()) {
            state = CardMachine.next(state, CardTrigger.CONFIRM).orElse(state);
        }
        boolean activates = state == CardState.ISSUED && programme.activation() == Programme.Activation.AUTOMATIC;
        return activates ? CardState.ACTIVE : state;
    }

    /**
     * The card once a tap was shown: the count moves on, and new keys are the keys.
     *
     * @param open whether the tap may still pay
     */
    static Card shown(Card card, Programme programme, Shown tap, boolean open, Instant now) {
        Card.Chip chip = Objects.requireNonNull(card.chip());
        Card.Chip after = tap.confirms(chip)
                ? new Card.Chip(chip.issuer(), tap.keyVersion(), null, chip.extra(), chip.own())
                : chip;
        return CardChange.of(card)
                .chip(after)
                .state(stateAtTap(card, programme, tap))
                .tapped(tap.counter(), open, isNewer(card, tap) ? now : card.tappedAt())
                .done();
    }

    private static @Nullable Decline ofPlace(Programme programme, ChargeAsk ask, Instant now) {
        ProgrammeRules rules = programme.rules();
        if (ask.payout() != null && !rules.admitsAnybody()) {
            return Decline.STORE_NOT_ADMITTED; // who is paid outside is known to nobody
        }
        if (!rules.admits(ask.terminal().store())) {
            return Decline.STORE_NOT_ADMITTED;
        }
        if (!rules.admits(ask.terminal().category())) {
            return Decline.CATEGORY_NOT_ADMITTED;
        }
        return rules.isOpen(now) ? null : Decline.OUT_OF_HOURS;
    }

    /** A tap's limit is of what it pays; days and longer are of what may be gone in the end. */
    private static @Nullable Decline ofLimits(Card card, Programme programme, Spent spent, ChargeAsk ask, long units) {
        Limits limits = card.limits().and(programme.limits());
        long counted = programme.money().counted(units);
        ProgrammeRules.Velocity velocity = programme.rules().velocity();
        if (exceeds(0, programme.money().counted(ask.judged(programme)), limits.tap())) {
            return Decline.TAP_LIMIT;
        }
        if (exceeds(spent.day(), counted, limits.day())) {
            return Decline.DAY_LIMIT;
        }
        if (exceeds(spent.week(), counted, limits.week())) {
            return Decline.WEEK_LIMIT;
        }
        if (exceeds(spent.month(), counted, limits.month())) {
            return Decline.MONTH_LIMIT;
        }
        return velocity != null && spent.recent() >= velocity.taps() ? Decline.VELOCITY : null;
    }

    private static boolean exceeds(long before, long more, @Nullable Long limit) {
        return limit != null && more > limit - Math.min(limit, before);
    }

    private static @Nullable Decline ofPin(Programme programme, ChargeAsk ask) {
        if (!needsPin(programme, ask.judged(programme))) {
            return null;
        }
        return switch (ask.pin()) {
            case RIGHT -> null;
            case NOT_GIVEN -> Decline.PIN_NEEDED;
            case WRONG -> Decline.PIN_WRONG;
            case LOCKED -> Decline.PIN_LOCKED;
            case NOT_SET -> Decline.PIN_NOT_SET;
        };
    }

    /** Whether an amount asks for the PIN. */
    static boolean needsPin(Programme programme, long units) {
        return programme.pinFrom() != null && units >= programme.pinFrom();
    }

    /**
     * A limit that a charge brings near.
     *
     * @param name as the issuer reads it
     * @param units of the limit, not of what was spent
     */
    record Near(String name, long units) {}

    /** The limits of which this charge is the one that reaches four fifths, for a warning each. */
    static List<Near> nearLimits(Card card, Programme programme, Spent spent, long units) {
        Limits limits = card.limits().and(programme.limits());
        long counted = programme.money().counted(units);
        return Stream.of(
                        near("daily", limits.day(), spent.day(), counted),
                        near("weekly", limits.week(), spent.week(), counted),
                        near("monthly", limits.month(), spent.month(), counted))
                .flatMap(Optional::stream)
                .toList();
    }

    private static Optional<Near> near(String name, @Nullable Long limit, long before, long more) {
        if (limit == null) {
            return Optional.empty();
        }
        long mark = limit - limit / 5; // rounded up: of a few cents too it is never nothing
        return before < mark && before + more >= mark ? Optional.of(new Near(name, limit)) : Optional.empty();
    }
}
