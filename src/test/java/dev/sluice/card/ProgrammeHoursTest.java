package dev.sluice.card;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When cards of a programme pay: what the clock on the shop's wall shows decides. */
class ProgrammeHoursTest {
    private static boolean isOpen(String zone, String days, String window, String moment) {
        Set<DayOfWeek> on =
                Arrays.stream(days.split(" ")).map(DayOfWeek::valueOf).collect(Collectors.toSet());
        LocalTime from = LocalTime.parse(window.substring(0, 5));
        LocalTime until = LocalTime.parse(window.substring(6));
        return new ProgrammeRules.Hours(ZoneId.of(zone), on, from, until).contains(Instant.parse(moment));
    }

    /** 4 March 2026 is a Wednesday. */
    @ParameterizedTest
    @CsvSource({
        "2026-03-04T07:59:59.999999999Z, false",
        "2026-03-04T08:00:00Z, true",
        "2026-03-04T18:29:59.999999999Z, true",
        "2026-03-04T18:30:00Z, false",
        "2026-03-03T12:00:00Z, false",
        "2026-03-05T12:00:00Z, false",
        "2026-03-06T08:00:00Z, true"
    })
    void fromTheFirstMomentToTheLastOnItsDaysAlone(String moment, boolean open) {
        assertThat(isOpen("UTC", "WEDNESDAY FRIDAY", "08:00-18:30", moment)).isEqualTo(open);
    }

    /** The night belongs to the day on which it began. */
    @ParameterizedTest
    @CsvSource({
        "WEDNESDAY, 2026-03-04T21:59:59.999999999Z, false",
        "WEDNESDAY, 2026-03-04T22:00:00Z, true",
        "WEDNESDAY, 2026-03-05T00:00:00Z, true",
        "WEDNESDAY, 2026-03-05T01:59:59.999999999Z, true",
        "WEDNESDAY, 2026-03-05T02:00:00Z, false",
        "WEDNESDAY, 2026-03-04T01:00:00Z, false",
        "WEDNESDAY, 2026-03-05T23:00:00Z, false",
        "SUNDAY, 2026-03-02T01:00:00Z, true",
        "SUNDAY, 2026-03-01T01:00:00Z, false",
        "SUNDAY MONDAY, 2026-03-02T12:00:00Z, false"
    })
    void windowOverMidnight(String days, String moment, boolean open) {
        assertThat(isOpen("UTC", days, "22:00-02:00", moment)).isEqualTo(open);
    }

    @ParameterizedTest
    @CsvSource({
        "00:00-00:00, 2026-03-03T23:59:59.999999999Z, false",
        "00:00-00:00, 2026-03-04T00:00:00Z, true",
        "00:00-00:00, 2026-03-04T23:59:59.999999999Z, true",
        "00:00-00:00, 2026-03-05T00:00:00Z, false",
        "09:00-09:00, 2026-03-04T08:59:59.999999999Z, false",
        "09:00-09:00, 2026-03-04T09:00:00Z, true",
        "09:00-09:00, 2026-03-05T08:59:59.999999999Z, true",
        "09:00-09:00, 2026-03-05T09:00:00Z, false"
    })
    void windowThatEndsWhereItBeginsIsADay(String window, String moment, boolean open) {
        assertThat(isOpen("UTC", "WEDNESDAY", window, moment)).isEqualTo(open);
    }

    @ParameterizedTest
    @CsvSource({
        "America/Jamaica, 2026-03-04T12:59:59Z, false", // 07:59:59
        "America/Jamaica, 2026-03-04T13:00:00Z, true",
        "America/Jamaica, 2026-03-04T23:30:00Z, false",
        "Pacific/Kiritimati, 2026-03-03T18:00:00Z, true", // Wednesday at 08:00
        "Pacific/Kiritimati, 2026-03-04T18:00:00Z, false", // Thursday at 08:00
        "Asia/Kathmandu, 2026-03-04T02:14:59Z, false", // 07:59:59
        "Asia/Kathmandu, 2026-03-04T02:15:00Z, true"
    })
    void dayAndTimeAreThoseOfItsZone(String zone, String moment, boolean open) {
        assertThat(isOpen(zone, "WEDNESDAY", "08:00-18:30", moment)).isEqualTo(open);
    }

    /** In Berlin clocks go from 02:00 to 03:00 on 29 March 2026; in Beirut from 00:00 to 01:00. */
    @ParameterizedTest
    @CsvSource({
        "Europe/Berlin, SUNDAY, 02:30-04:00, 2026-03-29T00:59:59Z, false", // 01:59:59
        "Europe/Berlin, SUNDAY, 02:30-04:00, 2026-03-29T01:00:00Z, true", // 03:00
        "Europe/Berlin, SUNDAY, 02:30-04:00, 2026-03-29T02:00:00Z, false", // 04:00
        "Europe/Berlin, SUNDAY, 02:00-03:00, 2026-03-29T00:59:59Z, false",
        "Europe/Berlin, SUNDAY, 02:00-03:00, 2026-03-29T01:00:00Z, false", // a window that this day does not have
        "Europe/Berlin, SATURDAY, 22:00-02:30, 2026-03-29T00:59:59Z, true",
        "Europe/Berlin, SATURDAY, 22:00-02:30, 2026-03-29T01:00:00Z, false",
        "Asia/Beirut, SATURDAY, 22:00-00:30, 2026-03-28T21:59:59Z, true", // 23:59:59
        "Asia/Beirut, SATURDAY, 22:00-00:30, 2026-03-28T22:00:00Z, false" // 01:00
    })
    void hourThatADayLacks(String zone, String days, String window, String moment, boolean open) {
        assertThat(isOpen(zone, days, window, moment)).isEqualTo(open);
    }

    /** In Berlin clocks go back from 03:00 to 02:00 on 25 October 2026: a window within that hour opens twice. */
    @ParameterizedTest
    @CsvSource({
        "SUNDAY, 02:00-02:30, 2026-10-24T23:59:59Z, false", // 01:59:59
        "SUNDAY, 02:00-02:30, 2026-10-25T00:00:00Z, true", // 02:00, in summer time
        "SUNDAY, 02:00-02:30, 2026-10-25T00:30:00Z, false",
        "SUNDAY, 02:00-02:30, 2026-10-25T01:00:00Z, true", // 02:00, in winter time
        "SUNDAY, 02:00-02:30, 2026-10-25T01:30:00Z, false",
        "SUNDAY, 01:00-04:00, 2026-10-25T00:59:59Z, true", // 02:59:59, and then 02:00 again
        "SUNDAY, 01:00-04:00, 2026-10-25T02:59:59Z, true",
        "SUNDAY, 01:00-04:00, 2026-10-25T03:00:00Z, false", // 04:00
        "SATURDAY, 22:00-02:30, 2026-10-25T01:29:59Z, true",
        "SATURDAY, 22:00-02:30, 2026-10-25T01:30:00Z, false"
    })
    void hourThatADayHasTwice(String days, String window, String moment, boolean open) {
        assertThat(isOpen("Europe/Berlin", days, window, moment)).isEqualTo(open);
    }
}
