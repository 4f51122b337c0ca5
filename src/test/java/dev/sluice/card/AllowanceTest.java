package dev.sluice.card;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.kernel.CardId;
import dev.sluice.kernel.Currency;
import dev.sluice.kernel.Money;
import dev.sluice.kernel.Msat;
import dev.sluice.kernel.PaymentHash;
import dev.sluice.kernel.Rate;
import dev.sluice.kernel.StoreId;
import dev.sluice.lightning.NodeId;
import dev.sluice.lightning.Outgoing;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a wallet is told passes when it is asked for over Lightning, and what is above it does not. */
class AllowanceTest {
    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
    private static final StoreId STORE = new StoreId("store");

    private static Programme programme(String currency, Limits limits, Long pinFrom, int spreadPpm) {
        return new Programme(
                "p",
                STORE,
                "Gift card",
                new CardCurrency(Currency.of(currency)),
                limits,
                pinFrom,
                spreadPpm,
                null,
                0,
                Programme.Funding.STORE,
                Programme.Activation.AUTOMATIC,
                false,
                ProgrammeRules.NONE,
                new JsonObject(),
                false,
                1,
                NOW);
    }

    private static Optional<Rate> rate(String currency, String perBtc) {
        Currency of = Currency.of(currency);
        return of.isBitcoin() ? Optional.empty() : Optional.of(new Rate(of, new BigDecimal(perBtc)));
    }

    /** What is said to a card that is asked for an amount, which is to leave over Lightning. */
    private static Optional<Decline> judged(Programme programme, Optional<Rate> rate, long msat) {
        Card card = new Card(
                new CardId("card"),
                STORE,
                "p",
                new Card.Chip(1, 1, null, null, null),
                CardState.ACTIVE,
                1,
                false,
                NOW,
                null,
                null,
                null,
                Card.PIN_TRIES,
                Limits.NONE,
                null,
                null,
                "handle",
                1,
                NOW);
        Msat fee = new Msat(Allowance.reserve(msat));
        Quotes.Quote quote = Quotes.priced(rate, new Msat(msat), fee);
        ChargeAsk ask = new ChargeAsk(
                "charge",
                new Shown(card, null, 1, 2),
                new Terminal(Charge.LNURL, STORE, "LNURL", null, true, 1, NOW),
                new Money(Currency.SATS, new Msat(msat).satCeil()),
                quote,
                false,
                ChargeAsk.Pin.NOT_GIVEN,
                null,
                null,
                new Outgoing.Order(
                        new PaymentHash("0".repeat(64)), NodeId.OPERATOR, "lnbc", null, fee, "charge", null));
        long units = quote.fair() + ask.spread(programme);
        return ChargeRules.judge(card, programme, Spent.NOTHING, ask, units, NOW);
    }

    @ParameterizedTest
    @CsvSource({
        "SATS,1,0,95000",
        "SATS,1,0,1000",
        "SATS,1,0,5000000",
        "SATS,1,0,123456",
        "USD,60000,0,500",
        "USD,60000,10000,500",
        "USD,61234.57,12345,1",
        "USD,61234.57,12345,2",
        "USD,61234.57,500000,99999",
        "JPY,9876543.21,7,1000",
        "USD,1,10000,500000"
    })
    void mostOfATapPassesAndASatoshiMoreDoesNot(String currency, String perBtc, int spread, long limit) {
        Limits limits = new Limits(limit, null, null, null);
        Programme programme = programme(currency, limits, null, spread);
        Optional<Rate> rate = rate(currency, perBtc);
        long most = new Allowance(programme, rate).most(limits, true).value();
        if (most > 0) {
            assertThat(judged(programme, rate, most)).isEmpty();
        }
        assertThat(judged(programme, rate, most + Msat.PER_SAT)).contains(Decline.TAP_LIMIT);
    }

    @ParameterizedTest
    @CsvSource({
        "SATS,1,0,95000",
        "SATS,1,0,11000",
        "SATS,1,0,5000000",
        "SATS,1,0,123456",
        "USD,60000,0,500",
        "USD,60000,10000,500",
        "USD,61234.57,500000,99999",
        "JPY,9876543.21,7,1000"
    })
    void mostOfADayLeavesRoomForRouting(String currency, String perBtc, int spread, long limit) {
        Limits limits = new Limits(null, limit, null, null);
        Programme programme = programme(currency, limits, null, spread);
        Optional<Rate> rate = rate(currency, perBtc);
        Allowance allowance = new Allowance(programme, rate);
        long most = allowance.most(limits, true).value();
        assertThat(most).isPositive().isLessThan(allowance.most(limits, false).value());
        assertThat(judged(programme, rate, most)).isEmpty();
        assertThat(judged(programme, rate, most + Msat.PER_SAT)).contains(Decline.DAY_LIMIT);
    }

    @ParameterizedTest
    @CsvSource({
        "SATS,1,0,100000",
        "SATS,1,0,100500",
        "SATS,1,0,1",
        "USD,60000,0,500",
        "USD,60000,10000,500",
        "USD,61234.57,12345,2",
        "USD,61234.57,500000,99999",
        "JPY,9876543.21,7,1000"
    })
    void pinIsAskedFromWhatIsToldOnAndNotBelow(String currency, String perBtc, int spread, long pinFrom) {
        Programme programme = programme(currency, Limits.NONE, pinFrom, spread);
        Optional<Rate> rate = rate(currency, perBtc);
        long first = new Allowance(programme, rate).first(pinFrom).value();
        assertThat(judged(programme, rate, first)).contains(Decline.PIN_NEEDED);
        if (first > 1) {
            assertThat(judged(programme, rate, first - 1)).isEmpty();
        }
    }

    @Test
    void whatCannotPayForItsWayIsNoOffer() {
        Limits limits = new Limits(null, 9_000L, null, null);
        assertThat(new Allowance(programme("SATS", limits, null, 0), Optional.empty()).most(limits, true))
                .isEqualTo(Msat.ZERO);
    }

    @Test
    void pinFromTheFirstUnitOnIsAskedAlways() {
        assertThat(new Allowance(programme("SATS", Limits.NONE, 0L, 0), Optional.empty()).first(0))
                .isEqualTo(Msat.ZERO);
    }

    /** A limit beyond all money is none, and breaks no tap. */
    @Test
    void absurdLimitsAndRatesAreBorne() {
        for (String perBtc : new String[] {"1e-9", "60000", "1e18"}) {
            Limits limits = new Limits(Money.MAX_MINOR, Money.MAX_MINOR, null, null);
            Allowance allowance = new Allowance(programme("USD", limits, 1L, 500_000), rate("USD", perBtc));
            assertThat(allowance.most(limits, true)).isBetween(Msat.ZERO, new Msat(Msat.MAX));
            assertThat(allowance.first(Money.MAX_MINOR)).isBetween(Msat.ZERO, new Msat(Msat.MAX));
        }
    }
}
