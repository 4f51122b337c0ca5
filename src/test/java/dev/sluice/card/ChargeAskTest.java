package dev.sluice.card;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import org.junit.jupiter.api.Test;

class ChargeAskTest {
    private static boolean waits(ChargeCase first, ChargeCase second) {
        return !Collections.disjoint(first.ask().keys(), second.ask().keys());
    }

    private static ChargeCase of(String card) {
        return new ChargeCase().card(card);
    }

    @Test
    void salesThatShareACardOrAKeyWaitForEachOther() {
        assertThat(waits(of("a").key("1"), of("b").key("1"))).isTrue();
        assertThat(waits(of("a").key("1"), of("a").key("2"))).isTrue();
        assertThat(waits(of("a"), of("a").key("2"))).isTrue();
        assertThat(waits(of("a").key("1"), of("b").key("2"))).isFalse();
        assertThat(waits(of("a"), of("b"))).isFalse();
    }
}
