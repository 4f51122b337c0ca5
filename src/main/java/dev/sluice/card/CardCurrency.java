package dev.sluice.card;

import dev.sluice.kernel.Currency;
import dev.sluice.kernel.Money;
import dev.sluice.kernel.Msat;
import dev.sluice.ledger.Account;
import java.math.BigDecimal;

/**
 * What a card counts: bitcoin in millisatoshi, whether people read it as {@code BTC} or {@code SATS}, or a currency in
 * its smallest unit.
 */
public record CardCurrency(Currency currency) {
    /** What counts an asset; bitcoin is read as satoshi. */
    static CardCurrency ofAsset(String asset) {
        return new CardCurrency(asset.equals(Account.BTC) ? Currency.SATS : Currency.of(asset));
    }

    /** The ledger's asset. */
    public String asset() {
        return currency.isBitcoin() ? Account.BTC : currency.code();
    }

    /** Smallest units of the asset; fails with {@code Invalid} for more bitcoin than there will ever be. */
    public long units(Money money) {
        boolean same = money.currency().equals(currency);
        boolean bitcoin = currency.isBitcoin() && money.currency().isBitcoin();
        if (!same && !bitcoin) {
            throw new IllegalArgumentException(money + " is not counted in " + asset());
        }
        if (bitcoin && money.minor() > Msat.MAX / Msat.PER_SAT) {
            throw Msat.tooMuch();
        }
        return bitcoin ? money.minor() * Msat.PER_SAT : money.minor();
    }

    /** Units as people read them; a part of a satoshi shows as decimals. */
    public String text(long units) {
        return decimal(units).toPlainString();
    }

    /** Units that may be below zero. */
    public BigDecimal decimal(long units) {
        if (!currency.isBitcoin()) {
            return BigDecimal.valueOf(units, currency.exponent());
        }
        boolean whole = units % Msat.PER_SAT == 0;
        BigDecimal sat = whole ? BigDecimal.valueOf(units / Msat.PER_SAT) : BigDecimal.valueOf(units, 3);
        return sat.movePointLeft(currency.exponent());
    }

    /** What counts towards limits: a part of a satoshi is a whole one (both known servers count it as none). */
    long counted(long units) {
        return currency.isBitcoin() ? Math.ceilDiv(units, Msat.PER_SAT) * Msat.PER_SAT : units;
    }
}
