package dev.sluice.rate;

import java.util.function.Function;
import java.util.function.UnaryOperator;

/** The answer to a question for a rate: a price, or why there is none. */
sealed interface Quote {
    /** A price. */
    record Price(BidAsk value) implements Quote {}

    /** None, with the reason for people. */
    record None(String reason) implements Quote {}

    static Quote of(BidAsk value) {
        return new Price(value);
    }

    static Quote none(String reason) {
        return new None(reason);
    }

    default Quote then(Function<BidAsk, Quote> next) {
        return switch (this) {
            case Price price -> next.apply(price.value());
            case None none -> none;
        };
    }

    default Quote map(UnaryOperator<BidAsk> change) {
        return then(value -> of(change.apply(value)));
    }
}
