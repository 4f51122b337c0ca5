package dev.sluice.kernel;

import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * An amount in a currency, in its smallest unit (cents of a dollar, satoshi of {@code BTC} and {@code SATS}).
 *
 * @param minor smallest units, 0 to {@link #MAX_MINOR}
 */
public record Money(Currency currency, long minor) {
    /** Enough for 21 million bitcoin in satoshi (2.1e15) and for any price; leaves room for sums. */
    public static final long MAX_MINOR = 1_000_000_000_000_000_000L;

    public Money {
        Check.require(minor >= 0, "negative amount");
        Check.require(minor <= MAX_MINOR, "amount too large");
        Check.require(!currency.isBitcoin() || minor <= 2_100_000_000_000_000L, "amount above 21 million bitcoin");
    }

    /** Rounds a decimal to the currency's decimals (half up, as an invoice price is). */
    public static Money of(Currency currency, BigDecimal amount) {
        Check.require(amount.precision() - amount.scale() <= 19, "amount too large");
        BigDecimal minor =
                amount.setScale(currency.exponent(), RoundingMode.HALF_UP).movePointRight(currency.exponent());
        Check.require(minor.compareTo(BigDecimal.valueOf(MAX_MINOR)) <= 0, "amount too large");
        return new Money(currency, minor.longValueExact());
    }

    /** One of the smallest unit. */
    public static Money smallest(Currency currency) {
        return new Money(currency, 1);
    }

    /** The amount as a decimal with the currency's decimals, as the API prints it. */
    public BigDecimal decimal() {
        return BigDecimal.valueOf(minor, currency.exponent());
    }

    @Override
    public String toString() {
        return decimal().toPlainString() + " " + currency.code();
    }
}
