package dev.sluice.kernel;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * A currency in which an invoice can be written: an ISO 4217 code known to the JDK, or {@code BTC} (8 decimals) or
 * {@code SATS} (none).
 *
 * @param code upper-case code
 * @param exponent number of decimals of the smallest unit, 0 to 8
 */
public record Currency(String code, int exponent) {
    public static final Currency BTC = new Currency("BTC", 8);
    public static final Currency SATS = new Currency("SATS", 0);
    public static final Currency USD = new Currency("USD", 2);

    /** Letters of ASCII: others become such where they are made capitals (the dotless i of Turkish, the long s). */
    private static final Pattern CODE = Pattern.compile("[A-Za-z]{3,4}");

    private static final int ISO_LENGTH = 3;
    /** Bounded by the number of ISO codes the JDK knows (about 230). */
    private static final Map<String, Currency> KNOWN = new ConcurrentHashMap<>();

    public Currency {
        Check.require(!code.isEmpty() && code.length() <= 5, "currency code");
        Check.require(exponent >= 0 && exponent <= 8, "currency exponent");
    }

    /** The currency of a code in any case, or empty where nobody knows it. */
    public static Optional<Currency> find(String code) {
        if (!CODE.matcher(code).matches()) {
            return Optional.empty();
        }
        String upper = code.toUpperCase(Locale.ROOT);
        return switch (upper) {
            case "BTC" -> Optional.of(BTC);
            case "SATS" -> Optional.of(SATS);
            default -> iso(upper);
        };
    }

    /** The currency of a code that was checked before. */
    public static Currency of(String code) {
        return find(code).orElseThrow(() -> new IllegalArgumentException("unknown currency " + code));
    }

    /** True for BTC and SATS, whose price in bitcoin is a definition and needs no rate. */
    public boolean isBitcoin() {
        return this.equals(BTC) || this.equals(SATS);
    }

    private static Optional<Currency> iso(String code) {
        if (code.length() != ISO_LENGTH) {
            return Optional.empty();
        }
        Currency known = KNOWN.get(code);
        if (known != null) {
            return Optional.of(known);
        }
        try {
            int exponent = java.util.Currency.getInstance(code).getDefaultFractionDigits();
            if (exponent < 0) { // XAU, XXX and the like are not money that is paid with
                return Optional.empty();
            }
            Currency found = new Currency(code, exponent);
            KNOWN.put(code, found);
            return Optional.of(found);
        } catch (IllegalArgumentException unknown) {
            return Optional.empty();
        }
    }

    @Override
    public String toString() {
        return code;
    }
}
