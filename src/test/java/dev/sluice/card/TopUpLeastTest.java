package dev.sluice.card;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.kernel.Currency;
import dev.sluice.kernel.Msat;
import dev.sluice.kernel.Rate;
import java.math.BigDecimal;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The least top-up buys something, and a satoshi less buys nothing. */
class TopUpLeastTest {
    private static final int[] SPREADS = {0, 1, 5_000, 10_000, 333_333, 499_999, 500_000};

    @ParameterizedTest
    @ValueSource(strings = {"60000", "61234.56", "99999.99", "1", "0.02", "1000000", "123456789", "1e18"})
    void leastBuysAUnitAndASatoshiLessDoesNot(String perBtc) {
        for (String code : new String[] {"USD", "JPY"}) {
            Rate rate = new Rate(Currency.of(code), new BigDecimal(perBtc));
            for (int spread : SPREADS) {
                Msat least = TopUpService.least(rate, spread);
                assertThat(least.value() % Msat.PER_SAT).isZero();
                assertThat(least).isBetween(TopUpService.MIN, TopUpService.MAX);
                boolean dear = least.equals(TopUpService.MAX); // one bitcoin buys nothing: nothing is taken
                if (!dear) {
                    assertThat(TopUpService.units(rate, least, spread))
                            .as(code + spread)
                            .isPositive();
                }
                if (least.compareTo(TopUpService.MIN) > 0) {
                    Msat less = least.minus(TopUpService.MIN);
                    assertThat(TopUpService.units(rate, less, spread))
                            .as(code + spread)
                            .isZero();
                }
            }
        }
    }
}
