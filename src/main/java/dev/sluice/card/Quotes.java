package dev.sluice.card;

import dev.sluice.invoice.Tenders;
import dev.sluice.kernel.Currency;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.Money;
import dev.sluice.kernel.Msat;
import dev.sluice.kernel.Rate;
import dev.sluice.kernel.StoreId;
import dev.sluice.rate.OperatorRates;
import dev.sluice.rate.RateService;
import io.vertx.core.Future;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Optional;

/** What a price is for a card that counts something else: by way of bitcoin, at rates locked now, rounded up. */
final class Quotes {
    private static final long PPM = 1_000_000;

    private final RateService rates;
    private final OperatorRates operator;

    Quotes(RateService rates, OperatorRates operator) {
        this.rates = rates;
        this.operator = operator;
    }

    /**
     * A price in a card's units.
     *
     * @param fair with what is reserved for the way of the money
     * @param asked without it: what the merchant asks for
     * @param exchanged whether it was converted, so that the programme's spread applies
     */
    record Quote(long fair, long asked, boolean exchanged) {
        Quote(long fair, boolean exchanged) {
            this(fair, fair, exchanged);
        }
    }

    /**
     * The merchant's rules price the bitcoin, the operator's the card: what is on cards is the operator's debt, so no
     * store's rules say what it is worth.
     */
    Future<Quote> quote(Money price, StoreId merchant, CardCurrency card) {
        Currency asked = price.currency();
        if (asked.equals(card.currency())
                || asked.isBitcoin() && card.currency().isBitcoin()) {
            return Future.succeededFuture(new Quote(card.units(price), false));
        }
        return rates.rate(merchant, asked)
                .map(rate -> rate.toMsat(price))
                .compose(msat -> quote(msat, card))
                .map(quote -> new Quote(quote.fair(), true)); // asked in money, though it may count bitcoin
    }

    /** What is left of an invoice, at the rate that the invoice locked where that says it. */
    Future<Quote> quote(Tenders.Open invoice, CardCurrency card) {
        Optional<Money> price = invoice.price().filter(p -> p.currency().equals(card.currency()));
        return price.isPresent()
                ? Future.succeededFuture(new Quote(card.units(price.get()), false))
                : quote(invoice.remaining(), card);
    }

    /** An amount of bitcoin. */
    Future<Quote> quote(Msat msat, CardCurrency card) {
        return quote(msat, Msat.ZERO, card);
    }

    /** An amount of bitcoin, and the most that its way may cost. */
    Future<Quote> quote(Msat amount, Msat reserve, CardCurrency card) {
        return rateOf(card).map(rate -> priced(rate, amount, reserve));
    }

    static Quote priced(Optional<Rate> rate, Msat amount, Msat reserve) {
        Msat all = amount.plus(reserve);
        return rate.map(r -> new Quote(worth(r, all, RoundingMode.UP), worth(r, amount, RoundingMode.UP), true))
                .orElseGet(() -> new Quote(all.value(), amount.value(), false));
    }

    /** The price of a bitcoin for a card; empty for one that counts bitcoin. */
    Future<Optional<Rate>> rateOf(CardCurrency card) {
        return card.currency().isBitcoin()
                ? Future.succeededFuture(Optional.empty())
                : rate(card.currency()).map(Optional::of);
    }

    /** The price of a bitcoin for cards. */
    Future<Rate> rate(Currency currency) {
        return operator.operatorRate(currency);
    }

    /** A share in millionths of an amount, rounded up. */
    static long share(long amount, int ppm) {
        return amount / PPM * ppm + Math.ceilDiv(amount % PPM * ppm, PPM); // in two parts, so that it fits
    }

    /** Bitcoin in the smallest unit of a rate's currency. */
    static long worth(Rate rate, Msat msat, RoundingMode rounding) {
        BigDecimal minor = minor(rate, msat.value(), rounding);
        if (minor.compareTo(BigDecimal.valueOf(Money.MAX_MINOR)) > 0) {
            throw new Failure.Rejected("amount-too-large", "The amount is too large").exception();
        }
        return minor.longValueExact();
    }

    /** The same, with no bound and for any amount. */
    static BigDecimal minor(Rate rate, long msat, RoundingMode rounding) {
        return rate.perBtc()
                .multiply(BigDecimal.valueOf(msat))
                .divide(BigDecimal.valueOf(Msat.PER_BTC))
                .movePointRight(rate.currency().exponent())
                .setScale(0, rounding);
    }
}
