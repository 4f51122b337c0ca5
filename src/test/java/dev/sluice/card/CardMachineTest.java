package dev.sluice.card;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CardMachineTest {
    /** Every cell; a dot is what cannot happen. */
    private static final String TABLE = """
            from         PROGRAM     CONFIRM     ACTIVATE FREEZE UNFREEZE LOSE REPLACE  EXPIRE  RESET     WIPE
            BLANK        PROGRAMMING .           .        .      .        .    .        .       .         .
            PROGRAMMING  PROGRAMMING ISSUED      .        .      .        LOST REPLACED .       .         .
            ISSUED       ISSUED      ISSUED      ACTIVE   FROZEN .        LOST REPLACED EXPIRED RESETTING .
            ACTIVE       ACTIVE      ACTIVE      ACTIVE   FROZEN .        LOST REPLACED EXPIRED RESETTING .
            FROZEN       FROZEN      FROZEN      .        FROZEN ACTIVE   LOST REPLACED EXPIRED RESETTING .
            LOST         .           .           .        .      .        .    REPLACED .       RESETTING .
            REPLACED     .           .           .        .      .        .    .        .       RESETTING .
            EXPIRED      .           .           .        .      .        LOST REPLACED .       RESETTING .
            RESETTING    .           .           .        .      .        LOST REPLACED .       RESETTING RESET
            RESET        PROGRAMMING .           .        .      .        .    REPLACED .       .         .
            """;

    @Test
    void everyCell() {
        List<String> lines = TABLE.lines().toList();
        List<String> triggers = List.of(lines.getFirst().split(" +"));
        List<String> seen = new ArrayList<>();
        for (String line : lines.subList(1, lines.size())) {
            String[] cells = line.split(" +");
            for (int i = 1; i < cells.length; i++) {
                CardState from = CardState.valueOf(cells[0]);
                CardTrigger trigger = CardTrigger.valueOf(triggers.get(i));
                assertThat(CardMachine.next(from, trigger).map(Enum::name).orElse("."))
                        .as(from + " " + trigger)
                        .isEqualTo(cells[i]);
                seen.add(from + " " + trigger);
            }
        }
        assertThat(seen).hasSize(CardState.values().length * CardTrigger.values().length);
    }
}
