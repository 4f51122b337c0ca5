package dev.sluice.rate;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EvaluationTest {
    private static final Map<String, BidAsk> SAID = Map.of(
            "a(BTC_USD)", new BidAsk(new BigDecimal("60000"), new BigDecimal("62500")),
            "b(BTC_USD)", BidAsk.of(new BigDecimal("61000")),
            "c(BTC_USD)", BidAsk.of(new BigDecimal("90000")),
            "a(USD_JMD)", BidAsk.of(new BigDecimal("160")),
            "a(EUR_USD)", new BidAsk(new BigDecimal("1.25"), new BigDecimal("1.6")));

    private static Quote said(String source, CurrencyPair pair) {
        BidAsk value = SAID.get(source + "(" + pair + ")");
        return value == null ? Quote.none(source + " does not quote " + pair) : Quote.of(value);
    }

    private static String evaluate(String script, String pair) {
        return switch (Evaluation.of(ScriptParserTest.good(script), EvaluationTest::said, CurrencyPair.of(pair))) {
            case Quote.Price price ->
                plain(price.value().bid()) + " " + plain(price.value().ask());
            case Quote.None none -> none.reason();
        };
    }

    private static String plain(BigDecimal value) {
        return value.stripTrailingZeros().toPlainString();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            X_X = a(X_X);                                         | BTC_USD  | 60000 62500
            X_X = a(X_X);                                         | USD_BTC  | a does not quote USD_BTC
            BTC_X = a(BTC_X); | USD_BTC | 0.000016 0.00001666666666666666666666666666666667
            BTC_X = a(BTC_USD) * USD_X; USD_X = a(USD_X);         | BTC_JMD  | 9600000 10000000
            BTC_X = a(BTC_USD) * USD_X; USD_X = a(USD_X);         | BTC_USD  | 60000 62500
            BTC_X = a(BTC_USD) * USD_X; EUR_USD = a(EUR_USD);     | BTC_EUR  | 37500 50000
            BTC_X = a(BTC_USD) / X_USD; X_USD = a(X_USD);         | BTC_EUR  | 37500 50000
            X_X = a(X_X); BTC_X = 5; BTC_USD = 7;                 | BTC_USD  | 7 7
            X_X = a(X_X); BTC_X = 5; BTC_USD = 7;                 | BTC_EUR  | 5 5
            X_X = a(X_X); USD_X = 5;                              | USD_BTC  | 5 5
            USD_X = 5; X_X = a(X_X);                              | BTC_USD  | 0.2 0.2
            BTC_USD = 1; BTC_USD = 2;                             | BTC_USD  | 1 1
            BTC_USD = (2, 3) + (10, 20);                          | BTC_USD  | 12 23
            BTC_USD = (12, 23) - (2, 3);                          | BTC_USD  | 9 21
            BTC_USD = (2, 3) * (10, 20);                          | BTC_USD  | 20 60
            BTC_USD = (10, 20) / (2, 4);                          | BTC_USD  | 2.5 10
            BTC_USD = 2 + 3 * 4 - 6 / 3;                          | BTC_USD  | 12 12
            BTC_USD = (2 + 3) * 4;                                | BTC_USD  | 20 20
            BTC_USD = 20 - 5 - 3;                                 | BTC_USD  | 12 12
            BTC_USD = (1, 2) * -1 * -1;                           | BTC_USD  | 1 2
            BTC_USD = a(BTC_USD) * (1 - 0.02);                    | BTC_USD  | 58800 61250
            BTC_USD = ((1, 2), (3, 4));                           | BTC_USD  | 1 4
            BTC_USD = (2, 1);                                     | BTC_USD  | the bid of BTC_USD is above its ask
            BTC_USD = 1 / 0;                                      | BTC_USD  | division by zero
            BTC_USD = 1 / (0 - 1, 1);                             | BTC_USD  | division by zero
            BTC_USD = 0;                                          | BTC_USD  | the rule of BTC_USD gives 0
            BTC_USD = -5;                                         | BTC_USD  | the rule of BTC_USD gives -5
            BTC_USD = 0;                                          | USD_BTC  | division by zero
            BTC_USD = 1;                                          | BTC_EUR  | no rule for BTC_EUR
            BTC_USD = 50000;                                      | SATS_USD | 0.0005 0.0005
            BTC_USD = 50000;                                      | USD_SATS | 2000 2000
            BTC_USD = 50000;                                      | BTC_SATS | 100000000 100000000
            BTC_USD = 50000;                                      | SATS_BTC | 0.00000001 0.00000001
            BTC_USD = 50000;                                      | USD_USD  | 1 1
            BTC_USD = BTC_USD;                                    | BTC_USD  | BTC_USD refers to itself
            BTC_USD = BTC_EUR; BTC_EUR = BTC_USD * 2;             | BTC_USD  | BTC_USD refers to itself
            X_X = X_X * 1;                                        | BTC_USD  | BTC_USD refers to itself
            BTC_USD = median(a(BTC_USD), b(BTC_USD));             | BTC_USD  | 60500 61750
            BTC_USD = median(a(BTC_USD), b(BTC_USD), c(BTC_USD)); | BTC_USD  | 60500 61750
            BTC_USD = median(b(BTC_USD), c(BTC_USD));             | BTC_USD  | two sources disagree by more than 10 %
            BTC_USD = median(b(BTC_USD), z(BTC_USD));             | BTC_USD  | 61000 61000
            BTC_USD = median(z(BTC_USD));                         | BTC_USD  | z does not quote BTC_USD
            BTC_USD = first(z(BTC_USD), b(BTC_USD));              | BTC_USD  | 61000 61000
            BTC_USD = first(z(BTC_USD), y(BTC_USD)); | BTC_USD | z does not quote BTC_USD; y does not quote BTC_USD
            """)
    void scriptGives(String script, String pair, String result) {
        assertThat(evaluate(script, pair)).isEqualTo(result);
    }

    @Test
    void rulesThatReferOnWithoutEndAreStopped() {
        String script = "BTC_USD = EUR_USD; EUR_USD = EUR_GBP; EUR_GBP = CHF_GBP; CHF_GBP = CHF_JPY; CHF_JPY = SEK_JPY;"
                + "SEK_JPY = SEK_NOK; SEK_NOK = DKK_NOK; DKK_NOK = DKK_PLN; DKK_PLN = CZK_PLN; CZK_PLN = 1;";
        assertThat(evaluate(script, "BTC_USD")).isEqualTo("too many rules refer to each other");
    }

    @Test
    void workIsBoundedWhereRulesMultiply() {
        String[] pairs = {"BTC_USD", "BTC_EUR", "BTC_GBP", "BTC_CHF", "BTC_JPY", "BTC_CAD", "BTC_AUD"};
        StringBuilder script = new StringBuilder();
        for (int i = 0; i + 1 < pairs.length; i++) {
            script.append(pairs[i])
                    .append(" = ")
                    .append(pairs[i + 1])
                    .append(("+" + pairs[i + 1]).repeat(40))
                    .append(';');
        }
        assertThat(evaluate(script + "BTC_AUD = 1;", "BTC_USD")).isEqualTo("the script takes too many steps");
    }

    @Test
    void spreadWorsensBothSides() {
        BidAsk spread = new BidAsk(new BigDecimal("100"), new BigDecimal("200")).spread(new BigDecimal("2.5"));
        assertThat(spread.bid()).isEqualByComparingTo("97.5");
        assertThat(spread.ask()).isEqualByComparingTo("205");
    }

    @Test
    void shownPriceIsNeverAboveTheBid() {
        assertThat(BidAsk.of(new BigDecimal("1.99999999999999999")).price()).isEqualByComparingTo("1.999999999999999");
    }
}
