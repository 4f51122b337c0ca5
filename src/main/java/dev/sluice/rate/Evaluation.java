package dev.sluice.rate;

import dev.sluice.kernel.Currency;
import dev.sluice.rate.RateScript.Match;
import java.math.BigDecimal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.BinaryOperator;

/** One reading of a script for one pair. Bounded in steps and depth; a pair that refers to itself has no price. */
final class Evaluation {
    /** Answers what a source says of a pair. */
    @FunctionalInterface
    interface Market {
        Quote quote(String source, CurrencyPair pair);
    }

    /** Steps of one evaluation: the default script takes ten; as many at worst cost a few milliseconds. */
    private static final int STEPS_MAX = 500;
    /** How many rules may refer to each other in a row. */
    private static final int REFERENCES_MAX = 8;
    /** How many reasons a message names. */
    private static final int REASONS_MAX = 4;

    private static final int SATS_DIGITS = 8;

    private final RateScript script;
    private final Market market;
    private final Deque<CurrencyPair> path = new ArrayDeque<>();
    private int steps;

    private Evaluation(RateScript script, Market market) {
        this.script = script;
        this.market = market;
    }

    /** The price of a pair by a script: both sides above zero, or the reason why there is none. */
    static Quote of(RateScript script, Market market, CurrencyPair pair) {
        return new Evaluation(script, market)
                .pair(pair)
                .then(value -> value.bid().signum() > 0
                        ? Quote.of(value)
                        : Quote.none(
                                "the rule of " + pair + " gives " + value.bid().toPlainString()));
    }

    private Quote pair(CurrencyPair pair) {
        return satoshi(pair)
                .orElseGet(() -> pair.base().equals(pair.quote()) ? Quote.of(BidAsk.of(BigDecimal.ONE)) : rule(pair));
    }

    /** What involves satoshi is the same with bitcoin, eight digits away. */
    private Optional<Quote> satoshi(CurrencyPair pair) {
        boolean base = pair.base().equals(Currency.SATS);
        boolean quote = pair.quote().equals(Currency.SATS);
        if (!base && !quote) {
            return Optional.empty();
        }
        CurrencyPair bitcoin = new CurrencyPair(base ? Currency.BTC : pair.base(), quote ? Currency.BTC : pair.quote());
        int digits = (quote ? SATS_DIGITS : 0) - (base ? SATS_DIGITS : 0);
        return Optional.of(pair(bitcoin).map(value -> value.scaled(digits)));
    }

    private Quote rule(CurrencyPair pair) {
        if (path.contains(pair) || path.contains(pair.inverse())) {
            return Quote.none(pair + " refers to itself");
        }
        if (path.size() >= REFERENCES_MAX) {
            return Quote.none("too many rules refer to each other");
        }
        Optional<Match> match = script.match(pair);
        if (match.isEmpty()) {
            return Quote.none("no rule for " + pair);
        }
        path.push(pair);
        Quote quote = apply(match.get(), pair);
        path.pop();
        return quote;
    }

    private Quote apply(Match match, CurrencyPair pair) {
        return match.inverse()
                ? new Binding(match.rule().target(), pair.inverse())
                        .price(match.rule().price())
                        .then(Evaluation::inverse)
                : new Binding(match.rule().target(), pair).price(match.rule().price());
    }

    private static Quote inverse(BidAsk value) {
        return value.includesZero() ? Quote.none("division by zero") : Quote.of(value.inverse());
    }

    /** A rule applied to a pair. */
    private final class Binding {
        private final PairPattern target;
        private final CurrencyPair pair;

        private Binding(PairPattern target, CurrencyPair pair) {
            this.target = target;
            this.pair = pair;
        }

        private Quote price(Expr expr) {
            if (++steps > STEPS_MAX) {
                return Quote.none("the script takes too many steps");
            }
            return switch (expr) {
                case Expr.Figure figure -> Quote.of(BidAsk.of(figure.value()));
                case Expr.Reference reference -> pair(reference.pair().bind(target, pair));
                case Expr.Ask ask -> market.quote(ask.source(), ask.pair().bind(target, pair));
                case Expr.Sides sides ->
                    price(sides.bid()).then(bid -> price(sides.ask()).then(ask -> sides(bid, ask)));
                case Expr.MedianOf median -> median(median.parts());
                case Expr.FirstOf first -> first(first.parts());
                case Expr.Negation negation -> price(negation.part()).map(BidAsk::negated);
                case Expr.Operation operation -> operation(operation);
            };
        }

        private Quote operation(Expr.Operation operation) {
            return switch (operation.operator()) {
                case PLUS -> both(operation, BidAsk::plus);
                case MINUS -> both(operation, (left, right) -> left.plus(right.negated()));
                case TIMES -> both(operation, BidAsk::times);
                case DIVIDED_BY ->
                    price(operation.left())
                            .then(left -> price(operation.right())
                                    .then(Evaluation::inverse)
                                    .map(left::times));
            };
        }

        private Quote both(Expr.Operation operation, BinaryOperator<BidAsk> join) {
            return price(operation.left()).then(left -> price(operation.right()).map(right -> join.apply(left, right)));
        }

        private Quote sides(BidAsk bid, BidAsk ask) {
            return bid.bid().compareTo(ask.ask()) <= 0
                    ? Quote.of(new BidAsk(bid.bid(), ask.ask()))
                    : Quote.none("the bid of " + pair + " is above its ask");
        }

        private Quote median(List<Expr> parts) {
            List<BidAsk> values = new ArrayList<>();
            List<String> reasons = new ArrayList<>();
            for (Expr part : parts) {
                collect(price(part), values, reasons);
            }
            return values.isEmpty() ? Quote.none(joined(reasons)) : Median.of(values);
        }

        private Quote first(List<Expr> parts) {
            List<String> reasons = new ArrayList<>();
            for (Expr part : parts) {
                switch (price(part)) {
                    case Quote.Price price -> {
                        return price;
                    }
                    case Quote.None none -> reasons.add(none.reason());
                }
            }
            return Quote.none(joined(reasons));
        }

        private static void collect(Quote quote, List<BidAsk> values, List<String> reasons) {
            switch (quote) {
                case Quote.Price price -> values.add(price.value());
                case Quote.None none -> reasons.add(none.reason());
            }
        }

        private static String joined(List<String> reasons) {
            return String.join(
                    "; ", reasons.stream().distinct().limit(REASONS_MAX).toList());
        }
    }
}
