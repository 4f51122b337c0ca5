package dev.sluice.rate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.rate.ScriptParser.Parsed;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScriptParserTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "X_X = kraken(X_X);",
                "x_x = Kraken(x_x);",
                "BTC_USD = 64000;",
                "BTC_USD = 64000.25 ;// a comment without an end",
                "// a comment\nBTC_X = bitfinex(BTC_USD) * USD_X;\nUSD_X = yadio(USD_X);",
                "BTC_USD = (63000, 64000);",
                "BTC_USD = (kraken(BTC_USD) + 2) / (1 - 0.5) * -(-1);",
                "BTC_USD = median(kraken(BTC_USD), coinbase(BTC_USD), (1, 2));",
                "BTC_USD = first(kraken(BTC_USD), 64000);",
                "\r\n\tX_USD=market(X_USD);",
                "SATS_USD = kraken(SATS_USD);",
            })
    void goodScriptIsRead(String text) {
        assertThat(ScriptParser.parse(text)).isInstanceOf(Parsed.Good.class);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ''                                | line 1, column 1: the script has no rule
            // nothing                        | line 1, column 11: the script has no rule
            BTC_USD                           | line 1, column 8: expected =
            BTC_USD = 1                       | line 1, column 12: expected ;
            BTC_USD = ;                       | line 1, column 11: unexpected ;
            BTC_USD = 1,000;                  | line 1, column 12: expected ;
            BTC_USD = 1.2.3;                  | line 1, column 11: not a number
            BTC_USD = .5;                     | line 1, column 11: unexpected .
            BTC_USD = 5.;                     | line 1, column 11: not a number
            BTC_USD = 1e9;                    | line 1, column 12: expected ;
            BTC_USD = (1, 2, 3);              | line 1, column 16: expected )
            BTC_USD = (1;                     | line 1, column 13: expected )
            BTC_USD = kraken(1);              | line 1, column 18: expected a pair such as BTC_USD
            BTC_USD = kraken();               | line 1, column 18: unexpected )
            BTC_USD = kraken(BTC_USD, 1);     | line 1, column 25: expected )
            BTC_USD = kraken;                 | line 1, column 11: expected a pair such as BTC_USD
            BTC_USD = median();               | line 1, column 18: unexpected )
            BTC_USD = 1 ** 2;                 | line 1, column 14: unexpected *
            BTC_USD = 1; EUR                  | line 1, column 14: expected a pair such as BTC_USD
            BTC_USD = kraken(BTC_X);          | line 1, column 18: X means nothing in a rule for BTC_USD
            BTC_ABC = 1;                      | line 1, column 1: unknown currency ABC
            DOGE_USD = 1;                     | line 1, column 1: unknown currency DOGE
            XAU_USD = 1;                      | line 1, column 1: unknown currency XAU
            BTC_BTC = 1;                      | line 1, column 1: a pair needs two currencies
            _USD = 1;                         | line 1, column 1: expected a pair such as BTC_USD
            BTC_ = 1;                         | line 1, column 1: expected a pair such as BTC_USD
            BTC_USD_EUR = 1;                  | line 1, column 1: unknown currency USD_EUR
            BTC_USD = System.exit(1);         | line 1, column 11: expected a pair such as BTC_USD
            BTC_USD = 1;; BTC_EUR = 1;        | line 1, column 13: unexpected ;
            BTC_USD = "1";                    | line 1, column 11: unexpected "
            """, quoteCharacter = '\'')
    void badScriptIsRefusedWithItsPlace(String text, String message) {
        assertThat(ScriptParser.parse(text)).isEqualTo(new Parsed.Bad(message));
    }

    @Test
    void placeCountsLines() {
        assertThat(ScriptParser.parse("// one\nBTC_USD = 1;\n  BTC_EUR = ?;"))
                .isEqualTo(new Parsed.Bad("line 3, column 13: unexpected ?"));
    }

    @Test
    void sizeIsBounded() {
        assertThat(bad("BTC_USD = 1;" + " ".repeat(RateScript.LENGTH_MAX))).contains("longer than");
        assertThat(bad("BTC_USD = " + "(".repeat(1_000) + "1" + ")".repeat(1_000) + ";"))
                .contains("nested too deeply");
        assertThat(bad("BTC_USD = " + "-".repeat(5_000) + "1;")).contains("nested too deeply");
        assertThat(bad("BTC_USD = 1" + "+1".repeat(2_000) + ";")).contains("the rule is too long");
        assertThat(bad("BTC_USD = 1;".repeat(201))).contains("more than 200 rules");
        assertThat(bad("BTC_USD = " + "9".repeat(41) + ";")).contains("not a number");
    }

    @Test
    void sourcesOfAScriptAreKnown() {
        assertThat(good("BTC_X = first(kraken(BTC_X), -(Yadio(BTC_X), 2) * median(market(USD_X)));")
                        .sources())
                .containsExactlyInAnyOrder("kraken", "yadio", "market");
    }

    @Test
    void defaultScriptsAreGood() {
        for (String source : new String[] {"market", "kraken", "fixed"}) {
            assertThat(good(DefaultScript.of(source, known -> true)).sources()).contains(source, "market");
        }
    }

    private static String bad(String text) {
        return ((Parsed.Bad) ScriptParser.parse(text)).message().toLowerCase(Locale.ROOT);
    }

    static RateScript good(String text) {
        return switch (ScriptParser.parse(text)) {
            case Parsed.Good good -> good.script();
            case Parsed.Bad bad -> throw new AssertionError(bad.message());
        };
    }
}
