package dev.sluice.invoice;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Visits every cell of the transition table and compares it with the table written here by hand. */
class InvoiceMachineTest {
    /** What PAYMENTS give for none, partial, full and over while unconfirmed; "=" keeps the state. */
    private static final String UNCONFIRMED = """
            New                 | =                   New/PaidPartial     Processing          Processing/PaidOver
            New/PaidPartial     | New                 =                   Processing          Processing/PaidOver
            Processing          | New                 New/PaidPartial     =                   Processing/PaidOver
            Processing/PaidOver | New                 New/PaidPartial     Processing          =
            Expired             | =                   Expired/PaidPartial Expired/PaidLate    Expired/PaidLate
            Expired/PaidPartial | Expired             =                   Expired/PaidLate    Expired/PaidLate
            Expired/PaidLate    | Expired             Expired/PaidPartial =                   =
            Invalid             | =                   =                   =                   =
            Invalid/PaidLate    | Invalid             Invalid             Invalid             Invalid
            Invalid/Marked      | =                   =                   =                   =
            Invalid/Invalid     | =                   =                   Processing          Processing/PaidOver
            Settled             | Invalid/Invalid     Invalid/Invalid     Processing          Processing/PaidOver
            Settled/PaidOver    | Invalid/Invalid     Invalid/Invalid     Processing          Processing/PaidOver
            Settled/Marked      | =                   =                   =                   =
            """;

    /** What PAYMENTS give for full and over once confirmed. */
    private static final String CONFIRMED = """
            New                 | Settled          Settled/PaidOver
            New/PaidPartial     | Settled          Settled/PaidOver
            Processing          | Settled          Settled/PaidOver
            Processing/PaidOver | Settled          Settled/PaidOver
            Expired             | Expired/PaidLate Expired/PaidLate
            Expired/PaidPartial | Expired/PaidLate Expired/PaidLate
            Expired/PaidLate    | =                =
            Invalid             | Invalid/PaidLate Invalid/PaidLate
            Invalid/PaidLate    | =                =
            Invalid/Marked      | =                =
            Invalid/Invalid     | Settled          Settled/PaidOver
            Settled             | =                Settled/PaidOver
            Settled/PaidOver    | Settled          =
            Settled/Marked      | =                =
            """;

    /** What time and people do: EXPIRY, MONITORING_END, MARK_SETTLED, MARK_INVALID; "-" is not allowed. */
    private static final String OTHERS = """
            New                 | Expired             =                   Settled/Marked      Invalid/Marked
            New/PaidPartial     | Expired/PaidPartial =                   Settled/Marked      Invalid/Marked
            Processing          | =                   Invalid             Settled/Marked      Invalid/Marked
            Processing/PaidOver | =                   Invalid             Settled/Marked      Invalid/Marked
            Expired             | =                   =                   Settled/Marked      Invalid/Marked
            Expired/PaidPartial | =                   =                   Settled/Marked      Invalid/Marked
            Expired/PaidLate    | =                   =                   Settled/Marked      Invalid/Marked
            Invalid             | =                   =                   Settled/Marked      -
            Invalid/PaidLate    | =                   =                   Settled/Marked      -
            Invalid/Marked      | =                   =                   Settled/Marked      -
            Invalid/Invalid     | =                   =                   Settled/Marked      -
            Settled             | =                   =                   -                   -
            Settled/PaidOver    | =                   =                   -                   -
            Settled/Marked      | =                   =                   -                   Invalid/Marked
            """;

    private static List<String> cells(InvoiceState from) {
        List<Optional<InvoiceState>> results = new ArrayList<>();
        for (Cover cover : Cover.values()) {
            results.add(InvoiceMachine.next(from, Trigger.PAYMENTS, cover, false));
        }
        results.add(InvoiceMachine.next(from, Trigger.PAYMENTS, Cover.FULL, true));
        results.add(InvoiceMachine.next(from, Trigger.PAYMENTS, Cover.OVER, true));
        for (Trigger trigger :
                List.of(Trigger.EXPIRY, Trigger.MONITORING_END, Trigger.MARK_SETTLED, Trigger.MARK_INVALID)) {
            results.add(InvoiceMachine.next(from, trigger, Cover.NONE, false));
        }
        return results.stream()
                .map(r -> r.map(s -> s.equals(from) ? "=" : s.toString()).orElse("-"))
                .toList();
    }

    @Test
    void everyCellIsAsWritten() {
        TreeMap<String, List<String>> expected = new TreeMap<>();
        (UNCONFIRMED + CONFIRMED + OTHERS).lines().forEach(line -> {
            List<String> words = List.of(line.replace("|", " ").trim().split("\\s+"));
            expected.computeIfAbsent(words.getFirst(), state -> new ArrayList<>())
                    .addAll(words.subList(1, words.size()));
        });
        TreeMap<String, List<String>> actual = new TreeMap<>();
        InvoiceState.ALL.forEach(state -> actual.put(state.toString(), cells(state)));
        assertThat(actual).isEqualTo(expected);
    }

    @Test
    void timeAndPeopleDoNotLookAtPayments() {
        for (InvoiceState from : InvoiceState.ALL) {
            for (Trigger trigger :
                    List.of(Trigger.EXPIRY, Trigger.MONITORING_END, Trigger.MARK_SETTLED, Trigger.MARK_INVALID)) {
                Set<Optional<InvoiceState>> results = new HashSet<>();
                for (Cover cover : Cover.values()) {
                    results.add(InvoiceMachine.next(from, trigger, cover, false));
                    results.add(InvoiceMachine.next(from, trigger, cover, true));
                }
                assertThat(results).as("%s %s", from, trigger).hasSize(1);
            }
        }
    }

    @Test
    void noStateOutsideTheListIsEverReached() {
        for (InvoiceState from : InvoiceState.ALL) {
            for (Trigger trigger : Trigger.values()) {
                for (Cover cover : Cover.values()) {
                    for (boolean confirmed : new boolean[] {false, true}) {
                        InvoiceMachine.next(from, trigger, cover, confirmed)
                                .ifPresent(to -> assertThat(InvoiceState.ALL).contains(to));
                    }
                }
            }
        }
    }

    @Test
    void markableListsExactlyWhatTheTableAllows() {
        for (InvoiceState from : InvoiceState.ALL) {
            boolean settle = InvoiceMachine.next(from, Trigger.MARK_SETTLED, Cover.NONE, false)
                    .isPresent();
            boolean invalidate = InvoiceMachine.next(from, Trigger.MARK_INVALID, Cover.NONE, false)
                    .isPresent();
            assertThat(InvoiceMachine.markable(from).contains(InvoiceStatus.SETTLED))
                    .isEqualTo(settle);
            assertThat(InvoiceMachine.markable(from).contains(InvoiceStatus.INVALID))
                    .isEqualTo(invalidate);
        }
    }
}
