package dev.sluice.card;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.kernel.Currency;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a charge uses of a card's limits. */
class CardCurrencyTest {
    @ParameterizedTest
    @CsvSource({"0, 0", "1, 1000", "999, 1000", "1000, 1000", "1001, 2000", "1999, 2000", "2000, 2000"})
    void partOfASatoshiCountsAsAWholeOne(long msat, long counted) {
        assertThat(new CardCurrency(Currency.SATS).counted(msat)).isEqualTo(counted);
        assertThat(new CardCurrency(Currency.BTC).counted(msat)).isEqualTo(counted);
    }

    @ParameterizedTest
    @CsvSource({"0", "1", "999", "1001"})
    void otherMoneyCountsAsItIs(long cents) {
        assertThat(new CardCurrency(Currency.of("USD")).counted(cents)).isEqualTo(cents);
    }
}
