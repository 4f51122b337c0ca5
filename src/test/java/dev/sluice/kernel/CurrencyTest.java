package dev.sluice.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CurrencyTest {
    @ParameterizedTest
    @CsvSource({
        "BTC, 0.00000001, 12345.67890000",
        "SATS, 1, 12346",
        "JPY, 1, 12346",
        "ISK, 1, 12346",
        "USD, 0.01, 12345.68",
        "idr, 0.01, 12345.68",
        "KWD, 0.001, 12345.679",
        "CLF, 0.0001, 12345.6789"
    })
    void moneyHasTheDecimalsOfItsCurrency(String code, BigDecimal unit, String text) {
        Currency currency = Currency.find(code).orElseThrow();
        assertThat(Money.smallest(currency).decimal()).isEqualTo(unit);
        assertThat(Money.of(currency, new BigDecimal("12345.67890")).decimal()).hasToString(text);
    }

    @Test
    void everyCurrencyOfTheWorldHoldsAPriceAndItsOwnUnit() {
        for (java.util.Currency known : java.util.Currency.getAvailableCurrencies()) {
            int digits = known.getDefaultFractionDigits();
            if (digits < 0) {
                assertThat(Currency.find(known.getCurrencyCode())).isEmpty();
                continue;
            }
            Currency currency = Currency.of(known.getCurrencyCode());
            assertThat(currency.exponent()).isEqualTo(digits);
            Money one = Money.of(currency, BigDecimal.ONE);
            assertThat(BigDecimal.valueOf(one.minor())).isEqualByComparingTo(BigDecimal.TEN.pow(digits));
            assertThat(one.decimal()).isEqualByComparingTo(BigDecimal.ONE);
            assertThat(one.decimal().scale()).isEqualTo(digits);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "ıdr", "ıDR", "ſATS", "ＵＳＤ", "USD ", " USD", "U S", "BT\u0421", "XXX", "XAU", "USDT"})
    void codeThatOnlyLooksLikeOneIsNone(String code) {
        assertThat(Currency.find(code)).isEmpty();
    }
}
