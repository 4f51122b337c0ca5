package dev.sluice.invoice;

import java.util.Optional;

/**
 * The least or the most that a store takes by a payment method. Invoices keep it, and the API answers it, as an English
 * sentence; pages say it in the language of the buyer.
 *
 * @param amount with its currency, {@code 20 USD}
 */
public record AmountBound(boolean least, String amount) {
    private static final String FROM = "Only for amounts from ";
    private static final String UP_TO = "Only for amounts up to ";

    String sentence() {
        return (least ? FROM : UP_TO) + amount;
    }

    /** The bound that a sentence is; empty where it says something else. */
    static Optional<AmountBound> of(String sentence) {
        if (sentence.startsWith(FROM)) {
            return Optional.of(new AmountBound(true, sentence.substring(FROM.length())));
        }
        return sentence.startsWith(UP_TO)
                ? Optional.of(new AmountBound(false, sentence.substring(UP_TO.length())))
                : Optional.empty();
    }
}
