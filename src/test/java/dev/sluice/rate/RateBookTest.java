package dev.sluice.rate;

import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.rate.RateFakes.told;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.rate.RateFakes.Memory;
import dev.sluice.rate.RateFakes.Said;
import dev.sluice.rate.RateFakes.TurnedClock;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RateBookTest {
    private static final CurrencyPair BTC_USD = CurrencyPair.of("BTC_USD");
    private static final Duration PERIOD = Duration.ofSeconds(30);

    private final TurnedClock clock = new TurnedClock();
    private final Said a = new Said("a").says("BTC_USD", "60000");
    private final Said b = new Said("b").says("BTC_USD", "60600");
    private final Said c = new Said("c").says("BTC_USD", "61000");

    private void next(RateBook book) {
        clock.turn(PERIOD.plusSeconds(1));
        book.tick();
    }

    private RateBook used(RateSource... sources) {
        RateBook book = RateFakes.book(clock, sources);
        await(book.use(Set.of(RateBook.MARKET)));
        return book;
    }

    private static String price(RateBook book, String source) {
        return told(book.quote(source, BTC_USD));
    }

    @Test
    void sourceNobodyUsesIsNotAsked() {
        RateBook book = RateFakes.book(clock, a, b);
        book.tick();
        await(book.use(Set.of("a")));
        next(book);
        assertThat(a.asked).isEqualTo(2);
        assertThat(b.asked).isZero();
        clock.turn(Duration.ofHours(25));
        book.tick();
        assertThat(a.asked).isEqualTo(2);
    }

    @Test
    void marketIsTheMedian() {
        RateBook book = used(a, b, c);
        assertThat(price(book, "market")).isEqualTo("60600");
        assertThat(price(book, "a")).isEqualTo("60000");
        assertThat(told(book.quote("a", BTC_USD.inverse()))).isEqualTo("0.00001666666666666666");
        assertThat(told(book.quote("a", CurrencyPair.of("BTC_EUR")))).isEqualTo("none: a does not quote BTC_EUR");
        assertThat(price(book, "z")).isEqualTo("none: there is no source z");
    }

    /** FX2: what no one may be paid by, whether it comes first or after a good price. */
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "-1, -1",
        "-60000, 60000",
        "1e300, 1e300",
        "1e-300, 1e-300",
        "0.0000166, 0.0000167",
        "99, 99",
        "1, 60000",
        "60000, 90000",
    })
    void absurdReadingIsNeverTaken(String bid, String ask) {
        RateBook fresh = used(new Said("first").says("BTC_USD", bid, ask));
        for (int i = 0; i < 10; i++) {
            next(fresh);
        }
        assertThat(price(fresh, "market")).startsWith("none: ");
        RateBook running = used(a);
        a.says("BTC_USD", bid, ask);
        for (int i = 0; i < 5; i++) {
            next(running);
        }
        assertThat(price(running, "a")).isEqualTo("60000");
    }

    @Test
    void jumpIsHeldUntilTheSourceRepeatsIt() {
        RateBook book = used(a);
        a.says("BTC_USD", "600000");
        next(book);
        next(book);
        assertThat(price(book, "a")).isEqualTo("60000");
        next(book);
        assertThat(price(book, "a")).isEqualTo("600000");
    }

    @Test
    void jumpThatDoesNotStandIsForgotten() {
        RateBook book = used(a);
        for (String price : List.of("600000", "900000", "60100", "600000", "600000")) {
            a.says("BTC_USD", price);
            next(book);
        }
        assertThat(price(book, "a")).isEqualTo("60100");
    }

    @Test
    void jumpThatASecondSourceSharesIsTaken() {
        RateBook book = used(a, b, c);
        List.of(a, b, c).forEach(source -> source.says("BTC_USD", "40000"));
        next(book);
        next(book);
        assertThat(price(book, "market")).isEqualTo("40000");
    }

    @Test
    void outlierIsDroppedHoweverOftenItIsRepeated() {
        RateBook book = used(a, b, c);
        c.says("BTC_USD", "68000");
        for (int i = 0; i < 20; i++) {
            next(book);
        }
        assertThat(price(book, "market")).isEqualTo("60300");
        assertThat(price(book, "c")).isEqualTo("61000");
    }

    @Test
    void steadyDriftPasses() {
        RateBook book = used(a);
        for (int price = 60_000; price > 20_000; price -= 2_000) {
            a.says("BTC_USD", Integer.toString(price));
            next(book);
            assertThat(price(book, "a")).isEqualTo(Integer.toString(price));
        }
    }

    @Test
    void twoThatDisagreeLeaveNoPrice() {
        b.says("BTC_USD", "70000");
        assertThat(price(used(a, b), "market"))
                .isEqualTo("none: the market of BTC_USD: two sources disagree by more than 10 %");
    }

    @Test
    void deadSourceServesItsLastGoodUntilTheLimit() {
        RateBook book = used(a);
        a.dies();
        clock.turn(Duration.ofMinutes(30));
        book.tick();
        assertThat(price(book, "a")).isEqualTo("60000");
        assertThat(price(book, "market")).isEqualTo("60000");
        clock.turn(Duration.ofSeconds(1));
        assertThat(price(book, "a")).isEqualTo("none: a's last price of BTC_USD is too old");
        assertThat(price(book, "market")).startsWith("none: ");
        a.revives();
        a.says("BTC_USD", "61000");
        clock.turn(Duration.ofMinutes(4));
        book.tick();
        assertThat(price(book, "a")).isEqualTo("61000");
    }

    @Test
    void clockThatIsSetBackMakesNoOldPriceFresh() {
        RateBook book = used(a);
        a.says("BTC_USD", "61000");
        clock.turn(Duration.ofHours(-1));
        assertThat(price(book, "a")).isEqualTo("none: a's last price of BTC_USD is too old");
        book.tick();
        assertThat(price(book, "a")).isEqualTo("61000");
    }

    @Test
    void freshSourceOutvotesLastGoods() {
        RateBook book = used(a, b, c);
        a.dies();
        b.dies();
        c.says("BTC_USD", "64000");
        clock.turn(Duration.ofMinutes(6));
        book.tick();
        assertThat(price(book, "market")).isEqualTo("64000");
    }

    @Test
    void failingSourceIsAskedLessAndLess() {
        RateBook book = used(a);
        a.dies();
        for (int second = 0; second < 1_800; second++) {
            clock.turn(Duration.ofSeconds(1));
            book.tick();
        }
        assertThat(a.asked).isBetween(8, 12);
        assertThat(price(book, "a")).isEqualTo("60000");
    }

    @Test
    void sourceThatNeverAnsweredSaysSo() {
        a.dies();
        assertThat(price(used(a), "a")).isEqualTo("none: a cannot be reached");
    }

    @Test
    void restartRecallsLastGoodsWithTheirAge() {
        Memory memory = new Memory();
        RateBook before = RateFakes.book(clock, memory, List.of(a));
        await(before.use(Set.of("a")));
        await(before.save());
        a.dies();
        clock.turn(Duration.ofMinutes(20));
        RateBook after = RateFakes.book(clock, memory, List.of(a));
        await(after.load());
        int asked = a.asked;
        after.tick();
        assertThat(a.asked).isEqualTo(asked + 1);
        assertThat(price(after, "a")).isEqualTo("60000");
        clock.turn(Duration.ofMinutes(11));
        assertThat(price(after, "a")).isEqualTo("none: a's last price of BTC_USD is too old");
    }

    @Test
    void fixedRatesPassAnyBound() {
        RateBook book = used(FixedRates.of(Map.of("BTC_USD", new BigDecimal("5"))));
        assertThat(price(book, "fixed")).isEqualTo("5");
        assertThat(price(book, "market")).isEqualTo("5");
    }

    @Test
    void firstUseDoesNotWaitForASourceThatNeverAnswers() {
        RateSource silent = new Said("silent") {
            @Override
            public Future<Map<CurrencyPair, BidAsk>> fetch() {
                return Promise.<Map<CurrencyPair, BidAsk>>promise().future();
            }
        };
        RateBook book = RateFakes.book(clock, a, silent);
        await(book.use(Set.of(RateBook.MARKET)));
        assertThat(price(book, "market")).isEqualTo("60000");
        assertThat(book.use(Set.of(RateBook.MARKET)).isComplete()).isTrue();
    }

    @Test
    void sourceThatThrowsIsASourceThatFails() {
        RateSource broken = new Said("broken") {
            @Override
            public Future<Map<CurrencyPair, BidAsk>> fetch() {
                throw new IllegalStateException("broken");
            }
        };
        assertThat(price(used(broken, a), "broken")).isEqualTo("none: broken cannot be reached");
    }

    @Test
    void readingIsInstantOnceASourceIsInUse() {
        RateBook book = used(a);
        assertThat(book.use(Set.of("a")).isComplete()).isTrue();
        assertThat(a.asked).isEqualTo(1);
    }
}
