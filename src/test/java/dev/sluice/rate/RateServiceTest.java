package dev.sluice.rate;

import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.db.TestDatabase.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.db.TestDatabase;
import dev.sluice.kernel.Currency;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.FailureException;
import dev.sluice.kernel.Money;
import dev.sluice.kernel.StoreId;
import dev.sluice.rate.RateFakes.Said;
import dev.sluice.rate.RateFakes.TurnedClock;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class RateServiceTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    private final TurnedClock clock = new TurnedClock();
    private final StoreId store = new StoreId("store" + System.nanoTime());

    private RateServiceLive service(RateSource... sources) {
        return new RateServiceLive(DATABASE.db(), RateFakes.book(clock, sources), clock);
    }

    private void save(RateServiceLive service, RateSlot slot, RateSettings settings) {
        await(DATABASE.db().tx(tx -> service.save(tx, store, slot, settings)));
        service.forget(store);
    }

    private static RateSettings script(String spread, String text) {
        return new RateSettings(new BigDecimal(spread), null, text);
    }

    @Test
    void bitcoinNeedsNoSource() {
        Said dead = new Said("dead");
        dead.dies();
        RateServiceLive service = service(dead);
        assertThat(service.rate(store, Currency.BTC).result().perBtc()).isEqualByComparingTo("1");
        assertThat(service.rate(store, Currency.SATS).result().perBtc()).isEqualByComparingTo("100000000");
        assertThat(dead.asked).isZero();
    }

    @Test
    void invoiceGetsTheBidAfterTheSpread() {
        RateServiceLive service = service(new Said("a").says("BTC_USD", "60000", "60100"));
        save(service, RateSlot.PRIMARY, script("2", "BTC_X = a(BTC_X);"));
        assertThat(await(service.rate(store, Currency.USD)).perBtc()).isEqualByComparingTo("58800");
    }

    @Test
    void fallbackServesWherePrimaryFails() {
        Said dead = new Said("dead");
        dead.dies();
        RateServiceLive service = service(dead, new Said("a").says("BTC_USD", "60000"));
        save(service, RateSlot.PRIMARY, new RateSettings(BigDecimal.ZERO, "dead", null));
        assertThat(await(service.rate(store, Currency.USD)).perBtc()).isEqualByComparingTo("60000");
        save(service, RateSlot.FALLBACK, script("10", "X_X = a(X_X);"));
        assertThat(await(service.rate(store, Currency.USD)).perBtc()).isEqualByComparingTo("54000");
    }

    @Test
    void noRateIsRefusedWithTheReason() {
        Said dead = new Said("dead");
        dead.dies();
        Failure refused = ((FailureException) failure(service(dead).rate(store, Currency.USD))).failure();
        assertThat(refused).isInstanceOf(Failure.Rejected.class);
        assertThat(refused.code()).isEqualTo("rate-unavailable");
        assertThat(refused.message()).startsWith("No rate for BTC_USD: the market of BTC_USD");
    }

    @Test
    void spreadOfAHundredLeavesNoRate() {
        RateServiceLive service = service(new Said("a").says("BTC_USD", "60000"));
        save(service, RateSlot.PRIMARY, script("100", "X_X = a(X_X);"));
        save(service, RateSlot.FALLBACK, script("100", "X_X = a(X_X);"));
        assertThat(failure(service.rate(store, Currency.USD))).hasMessageContaining("leaves nothing");
    }

    @Test
    void scriptThatGivesAbsurdPricesIsRefused() {
        RateServiceLive service = service(new Said("a"));
        for (String price : List.of("10000000000000000000", "0.0000000001", "0", "-1")) {
            save(service, RateSlot.PRIMARY, script("0", "BTC_USD = " + price + ";"));
            save(service, RateSlot.FALLBACK, script("0", "BTC_USD = " + price + ";"));
            assertThat(failure(service.rate(store, Currency.USD))).hasMessageStartingWith("rate-unavailable");
        }
    }

    @Test
    void anotherProcessesChangeIsSeenAfterAWhile() {
        RateServiceLive here = service(new Said("a"));
        RateServiceLive there = service(new Said("a"));
        save(here, RateSlot.PRIMARY, script("0", "BTC_USD = 1000;"));
        assertThat(await(here.rate(store, Currency.USD)).perBtc()).isEqualByComparingTo("1000");
        save(there, RateSlot.PRIMARY, script("0", "BTC_USD = 2000;"));
        assertThat(await(here.rate(store, Currency.USD)).perBtc()).isEqualByComparingTo("1000");
        clock.turn(Duration.ofSeconds(31));
        assertThat(await(here.rate(store, Currency.USD)).perBtc()).isEqualByComparingTo("2000");
    }

    @Test
    void everyIsoCurrencyIsPricedInItsOwnDecimals() {
        RateServiceLive service = service(new Said("a"));
        save(service, RateSlot.PRIMARY, script("0", "BTC_X = 50000;"));
        int none = 0;
        int three = 0;
        for (java.util.Currency iso : java.util.Currency.getAvailableCurrencies()) {
            Currency currency = Currency.find(iso.getCurrencyCode()).orElse(null);
            if (currency == null) {
                assertThat(iso.getDefaultFractionDigits()).isNegative();
                continue;
            }
            none += currency.exponent() == 0 ? 1 : 0;
            three += currency.exponent() == 3 ? 1 : 0;
            Money one = Money.of(currency, BigDecimal.ONE);
            assertThat(await(service.rate(store, currency)).toMsat(one).value())
                    .as(currency.code())
                    .isEqualTo(2_000_000);
        }
        assertThat(none).isGreaterThan(10);
        assertThat(three).isGreaterThan(4);
    }

    @Test
    void lastGoodsSurviveInTheDatabaseAndOlderDoNotReplaceThem() {
        LastGoodRepository repository = new LastGoodRepository(DATABASE.db());
        Instant at = Instant.parse("2026-01-01T00:00:00.123Z");
        CurrencyPair pair = CurrencyPair.of("BTC_JMD");
        Reading reading = new Reading(new BidAsk(new BigDecimal("10240880.25"), new BigDecimal("10240881")), at);
        await(repository.save(Map.of("x", Map.of(pair, reading))));
        await(repository.save(Map.of("x", Map.of(pair, new Reading(BidAsk.of(BigDecimal.ONE), at.minusSeconds(1))))));
        assertThat(await(repository.load())).containsEntry("x", Map.of(pair, reading));
        await(repository.save(Map.of()));
        assertThat(Set.copyOf(await(repository.load()).keySet())).contains("x");
    }

    @Test
    void bookThatRunsSavesWhenStopped() {
        Said kept = new Said("kept").says("BTC_EUR", "55000");
        LastGoodRepository repository = new LastGoodRepository(DATABASE.db());
        RateBook book = RateFakes.book(clock, repository, List.of(kept));
        RateBook.Running running = await(book.start(DATABASE.vertx()));
        await(book.use(Set.of("kept")));
        await(running.stop());
        assertThat(await(repository.load()).get("kept")).containsOnlyKeys(CurrencyPair.of("BTC_EUR"));
    }
}
