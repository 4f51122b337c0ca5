package dev.sluice.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HexTest {
    @Test
    void lowerCaseDigitsOfTheRightNumberAre() {
        assertThat(Hex.isLower("0123456789abcdef", 16)).isTrue();
        assertThat(Hex.isLower("", 0)).isTrue();
        assertThat(Hex.isLower("0123456789abcdef", 15)).isFalse();
        assertThat(Hex.isLower("0123456789abcdef", 17)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/0", ":0", "`a", "ga", "Aa", "a ", "a\n", "٠٠", "ａａ", "é0"})
    void nothingElseIs(String text) {
        assertThat(Hex.isLower(text, 2)).isFalse();
    }
}
