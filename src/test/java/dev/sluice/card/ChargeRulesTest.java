package dev.sluice.card;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.card.ntag424.PiccData;
import dev.sluice.kernel.StoreId;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Whether a tap may pay: each reason at its bound, where it pays, and one beyond it. */
class ChargeRulesTest {
    private static final Instant NOW = ChargeCase.NOW;
    private static final int SAME = ChargeCase.COUNTER;

    /** Reasons that others give: who reads the tap, the ledger, and the invoice. */
    private static final Set<Decline> OF_OTHERS =
            EnumSet.of(Decline.UNKNOWN_CARD, Decline.WRONG_MAC, Decline.INSUFFICIENT, Decline.INVOICE_NOT_PAYABLE);

    /** @param no null where it pays */
    private record Row(
            String name, ChargeCase charge, @Nullable Decline no) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Row pays(String name, ChargeCase charge) {
        return new Row(name, charge, null);
    }

    private static Row no(Decline why, String name, ChargeCase charge) {
        return new Row(name, charge, why);
    }

    private static ChargeCase charge() {
        return new ChargeCase();
    }

    private static Stream<Row> rows() {
        return Stream.of(taps(), states(), places(), limits(), pins(), order()).flatMap(List::stream);
    }

    private static List<Row> taps() {
        ChargeCase minuteAgo = charge().tap(1, SAME).shownAt(NOW.minus(ChargeRules.TAP_LIFETIME));
        ChargeCase longer = charge().tap(1, SAME)
                .shownAt(NOW.minus(ChargeRules.TAP_LIFETIME).minusNanos(1));
        return List.of(
                pays("newest tap", charge()),
                no(Decline.OLD_KEYS, "keys that the chip has not", charge().tap(2, SAME + 1)),
                no(Decline.OLD_KEYS, "card without a chip", charge().chip(null)),
                no(
                        Decline.OLD_KEYS,
                        "keys before the last",
                        charge().pendingKeys().tap(0, SAME + 1)),
                pays("old keys while nobody saw the new ones", charge().pendingKeys()),
                pays("new keys, whose count begins anew", charge().pendingKeys().tap(2, 0)),
                pays("last but one that a chip can count", charge().tap(1, PiccData.COUNTER_MAX - 1)),
                no(Decline.WORN_OUT, "last that a chip can count", charge().tap(1, PiccData.COUNTER_MAX)),
                pays(
                        "tap that was shown before and has not paid",
                        charge().tap(1, SAME).shownAt(NOW)),
                pays("tap that was shown a minute ago", minuteAgo),
                no(Decline.STALE, "tap that was shown a moment more than a minute ago", longer),
                no(Decline.REPLAYED, "tap that has paid", charge().tap(1, SAME)),
                no(
                        Decline.REPLAYED,
                        "tap before the newest",
                        charge().tap(1, SAME - 1).shownAt(NOW)));
    }

    private static List<Row> states() {
        List<Row> rows = new ArrayList<>(List.of(
                pays("issued, first tap activates", charge().state(CardState.ISSUED)),
                no(
                        Decline.NOT_ACTIVE,
                        "issued, by hand",
                        charge().state(CardState.ISSUED).manual()),
                pays(
                        "first tap of new keys",
                        charge().state(CardState.PROGRAMMING).pendingKeys().tap(2, 0)),
                no(
                        Decline.NOT_ACTIVE,
                        "first tap of new keys, by hand",
                        charge().state(CardState.PROGRAMMING)
                                .pendingKeys()
                                .tap(2, 0)
                                .manual()),
                no(Decline.ARCHIVED, "programme that is archived", charge().archived()),
                pays("last moment of a card", charge().expiresAt(NOW.plusNanos(1))),
                no(Decline.EXPIRED, "moment in which it expires", charge().expiresAt(NOW))));
        for (CardState state : CardState.values()) {
            Decline why = ofState(state);
            if (why != null) {
                rows.add(no(why, "card that is " + state, charge().state(state)));
            }
        }
        return rows;
    }

    /** Of a card whose keys were seen before; null where it pays. */
    private static @Nullable Decline ofState(CardState state) {
        return switch (state) {
            case ISSUED, ACTIVE -> null;
            case BLANK, PROGRAMMING -> Decline.NOT_ACTIVE;
            case FROZEN -> Decline.FROZEN;
            case LOST -> Decline.LOST;
            case REPLACED -> Decline.REPLACED;
            case EXPIRED -> Decline.EXPIRED;
            case RESETTING, RESET -> Decline.RESET;
        };
    }

    private static List<Row> places() {
        ProgrammeRules here =
                new ProgrammeRules(Set.of(ChargeCase.STORE, new StoreId("another")), Set.of(), null, null);
        ProgrammeRules elsewhere = new ProgrammeRules(Set.of(new StoreId("another")), Set.of(), null, null);
        ProgrammeRules food = new ProgrammeRules(Set.of(), Set.of("food", "drinks"), null, null);
        return List.of(
                pays("store on the list", charge().rules(here)),
                no(Decline.STORE_NOT_ADMITTED, "store that is not on it", charge().rules(elsewhere)),
                pays("category on the list", charge().rules(food)),
                no(
                        Decline.CATEGORY_NOT_ADMITTED,
                        "category that is not on it",
                        charge().rules(food).category("fuel")),
                no(
                        Decline.CATEGORY_NOT_ADMITTED,
                        "terminal without one",
                        charge().rules(food).category(null)),
                pays("out, where any store may", charge().paidOut()),
                no(
                        Decline.STORE_NOT_ADMITTED,
                        "out, where some stores may",
                        charge().rules(here).paidOut()),
                no(
                        Decline.STORE_NOT_ADMITTED,
                        "out, where some categories may",
                        charge().rules(food).paidOut()),
                pays("first moment of its hours", charge().rules(hours("12:00", "13:00"))),
                no(Decline.OUT_OF_HOURS, "moment after its hours", charge().rules(hours("11:00", "12:00"))));
    }

    private static ProgrammeRules hours(String from, String until) {
        return new ProgrammeRules(
                Set.of(),
                Set.of(),
                new ProgrammeRules.Hours(
                        ZoneOffset.UTC, EnumSet.of(DayOfWeek.WEDNESDAY), LocalTime.parse(from), LocalTime.parse(until)),
                null);
    }

    /** Limits of 100 sat, of which 60 were spent; one msat more than what is left counts as a satoshi. */
    private static List<Row> limits() {
        return List.of(
                pays("tap's limit", tap(100_000)),
                no(Decline.TAP_LIMIT, "a msat more", tap(100_001)),
                pays("day's limit", day().units(40_000)),
                no(Decline.DAY_LIMIT, "a msat more in a day", day().units(40_001)),
                pays("week's limit", week().units(40_000)),
                no(Decline.WEEK_LIMIT, "a msat more in a week", week().units(40_001)),
                pays("month's limit", month().units(40_000)),
                no(Decline.MONTH_LIMIT, "a msat more in a month", month().units(40_001)),
                pays("what was spent longer ago than a day", day().spent(0, 900_000, 900_000, 0)),
                pays("what was spent longer ago than a week", week().spent(0, 0, 900_000, 0)),
                no(
                        Decline.DAY_LIMIT,
                        "limit lowered below what was spent",
                        day().spent(100_001, 0, 0, 0).units(1)),
                pays("at the card's own limit", tap(50_000).limits(50_000L, null, null, null)),
                no(Decline.TAP_LIMIT, "where that is the stricter", tap(50_001).limits(50_000L, null, null, null)),
                no(Decline.TAP_LIMIT, "where that is not", tap(100_001).limits(200_000L, null, null, null)),
                pays("cents count as they are", tap(100_000).money("USD")),
                no(Decline.TAP_LIMIT, "a cent more", tap(100_001).money("USD")),
                pays("one tap fewer than its pace", paced(2)),
                no(Decline.VELOCITY, "as many taps as its pace before it", paced(3)));
    }

    private static ChargeCase tap(long units) {
        return charge().terms(100_000L, null, null, null).units(units);
    }

    private static ChargeCase day() {
        return charge().terms(null, 100_000L, null, null).spent(60_000, 0, 0, 0);
    }

    private static ChargeCase week() {
        return charge().terms(null, null, 100_000L, null).spent(0, 60_000, 0, 0);
    }

    private static ChargeCase month() {
        return charge().terms(null, null, null, 100_000L).spent(0, 0, 60_000, 0);
    }

    private static ChargeCase paced(long recent) {
        ProgrammeRules.Velocity pace = new ProgrammeRules.Velocity(3, 10);
        return charge().rules(new ProgrammeRules(Set.of(), Set.of(), null, pace))
                .spent(0, 0, 0, recent);
    }

    private static List<Row> pins() {
        ChargeCase below = charge().pinFrom(100_000).units(99_999);
        return List.of(
                pays("below the PIN's threshold", below),
                no(Decline.PIN_NEEDED, "from it on, without one", asked()),
                pays("right PIN", asked().pin(ChargeAsk.Pin.RIGHT)),
                no(Decline.PIN_WRONG, "wrong PIN", asked().pin(ChargeAsk.Pin.WRONG)),
                no(Decline.PIN_LOCKED, "one wrong PIN too many", asked().pin(ChargeAsk.Pin.LOCKED)),
                no(Decline.PIN_NOT_SET, "card without a PIN", asked().pin(ChargeAsk.Pin.NOT_SET)));
    }

    private static ChargeCase asked() {
        return charge().pinFrom(100_000).units(100_000);
    }

    /** Where several things are wrong: the tap, the card, the place, the limits, the PIN. */
    private static List<Row> order() {
        return List.of(
                no(
                        Decline.REPLAYED,
                        "old tap of a lost card",
                        charge().tap(1, SAME - 1).state(CardState.LOST)),
                no(
                        Decline.FROZEN,
                        "frozen card after its hours",
                        charge().state(CardState.FROZEN).rules(hours("11:00", "12:00"))),
                no(
                        Decline.EXPIRED,
                        "card that expired while it was frozen",
                        charge().state(CardState.FROZEN).expiresAt(NOW)),
                no(
                        Decline.OUT_OF_HOURS,
                        "too much after its hours",
                        charge().rules(hours("11:00", "12:00")).terms(1L, null, null, null)),
                no(
                        Decline.TAP_LIMIT,
                        "too much with a wrong PIN",
                        asked().pin(ChargeAsk.Pin.WRONG).terms(1_000L, null, null, null)));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void tapPaysOrIsDeclined(Row row) {
        assertThat(row.charge().judged().orElse(null)).isEqualTo(row.no());
    }

    @Test
    void tableGivesEachReason() {
        Set<Decline> given = rows().map(Row::no).filter(no -> no != null).collect(Collectors.toSet());
        assertThat(given).isEqualTo(EnumSet.complementOf(EnumSet.copyOf(OF_OTHERS)));
    }

    @ParameterizedTest
    @CsvSource({"99999, false", "100000, true", "100001, true"})
    void pinIsAskedFromItsThresholdOn(long units, boolean asked) {
        assertThat(charge().pinFrom(100_000).units(units).needsPin()).isEqualTo(asked);
        assertThat(charge().units(units).needsPin()).isFalse();
    }

    /** A limit of 100 sat is near from 80 on; part of a satoshi counts as one. */
    @ParameterizedTest
    @CsvSource({
        "0, 79000, false",
        "0, 79001, true",
        "0, 80000, true",
        "0, 100000, true",
        "79000, 1, true",
        "79000, 1000, true",
        "78000, 1000, false",
        "80000, 1000, false", // an earlier one told it
        "99000, 1000, false"
    })
    void limitIsNearWithTheChargeThatReachesFourFifths(long before, long units, boolean told) {
        ChargeRules.Near day = new ChargeRules.Near("daily", 100_000);
        ChargeCase charge = charge().terms(null, 100_000L, null, null).spent(before, before, before, 0);
        assertThat(charge.units(units).near()).isEqualTo(told ? List.of(day) : List.of());
    }

    @Test
    void eachLimitIsNearForItself() {
        ChargeCase charge = charge().terms(null, 100_000L, 200_000L, 300_000L).units(10_000);
        ChargeRules.Near day = new ChargeRules.Near("daily", 100_000);
        ChargeRules.Near week = new ChargeRules.Near("weekly", 200_000);
        ChargeRules.Near month = new ChargeRules.Near("monthly", 300_000);
        assertThat(charge.spent(75_000, 75_000, 75_000, 0).near()).containsExactly(day);
        assertThat(charge.spent(0, 155_000, 155_000, 0).near()).containsExactly(week);
        assertThat(charge.spent(0, 0, 235_000, 0).near()).containsExactly(month);
        assertThat(charge.spent(75_000, 155_000, 235_000, 0).near()).containsExactly(day, week, month);
        assertThat(charge.spent(85_000, 165_000, 235_000, 0).near()).containsExactly(month);
        assertThat(charge().limits(1_000L, null, null, null).units(1_000).near())
                .isEmpty(); // a tap's own limit looks at nothing before
    }

    /** The stricter of card and programme is the one that comes near, and the one that is told. */
    @Test
    void stricterLimitIsTheOneThatIsNear() {
        ChargeCase charge = charge().terms(null, 100_000L, null, null).limits(null, 50_000L, null, null);
        assertThat(charge.units(40_000).near()).containsExactly(new ChargeRules.Near("daily", 50_000));
    }

    /** Four fifths of a few cents, rounded up: a limit is never near before anything was spent. */
    @ParameterizedTest
    @CsvSource({"1, 1", "4, 4", "5, 4", "9, 8", "10, 8", "103, 83"})
    void fourFifthsAreRoundedUp(long limit, long mark) {
        ChargeCase charge = charge().money("USD").terms(null, limit, null, null);
        assertThat(charge.units(mark - 1).near()).isEmpty();
        assertThat(charge.units(mark).near()).containsExactly(new ChargeRules.Near("daily", limit));
    }

    @Test
    void newestTapMovesTheCountAndItsTime() {
        Card after = charge().tap(1, SAME + 5).shown(true);
        assertThat(after.counter()).isEqualTo(SAME + 5);
        assertThat(after.tapOpen()).isTrue();
        assertThat(after.tappedAt()).isEqualTo(NOW);
        assertThat(after.version()).isEqualTo(2);
        assertThat(charge().shown(false).tapOpen()).isFalse(); // it has paid
    }

    /** Asked again it does not live longer. */
    @Test
    void tapThatIsShownAgainKeepsItsTime() {
        Instant first = NOW.minusSeconds(59);
        Card after = charge().tap(1, SAME).shownAt(first).shown(true);
        assertThat(after.counter()).isEqualTo(SAME);
        assertThat(after.tappedAt()).isEqualTo(first);
    }

    @Test
    void tapWithNewKeysMakesThemTheKeys() {
        ChargeCase charge = charge().state(CardState.PROGRAMMING).pendingKeys().tap(2, 0);
        Card after = charge.shown(true);
        assertThat(after.chip()).isEqualTo(new Card.Chip(1, 2, null, null, null));
        assertThat(after.counter()).isZero();
        assertThat(after.tappedAt()).isEqualTo(NOW);
        assertThat(after.state()).isEqualTo(CardState.ACTIVE);
        assertThat(charge.manual().shown(true).state()).isEqualTo(CardState.ISSUED);
    }

    @Test
    void tapWithOldKeysLeavesTheNewOnesPending() {
        ChargeCase charge = charge().pendingKeys();
        assertThat(charge.shown(true).chip()).isEqualTo(charge.card().chip());
        assertThat(charge.state(CardState.FROZEN).shown(true).state()).isEqualTo(CardState.FROZEN);
    }
}
