package dev.sluice.rate;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The rules by which a store prices. For a pair the most particular rule counts: without X before one X before two; a
 * rule for the pair itself before one for its inverse; the earlier before the later.
 */
record RateScript(String text, List<Rule> rules) {
    /** Longest text of a script. */
    static final int LENGTH_MAX = 10_000;

    /** {@code target = price;}. */
    record Rule(PairPattern target, Expr price) {}

    /** The rule for a pair, and whether it gives the inverse. */
    record Match(Rule rule, boolean inverse) {
        private int rank() {
            return rule.target().wildcards() * 2 + (inverse ? 1 : 0);
        }
    }

    RateScript {
        rules = List.copyOf(rules);
    }

    Optional<Match> match(CurrencyPair pair) {
        return rules.stream()
                .flatMap(rule -> Stream.of(new Match(rule, false), new Match(rule, true)))
                .filter(match -> match.rule().target().matches(match.inverse() ? pair.inverse() : pair))
                .min(Comparator.comparingInt(Match::rank));
    }

    /** Every question that the script may put to a source. */
    List<Expr.Ask> asks() {
        return rules.stream().flatMap(rule -> asks(rule.price())).toList();
    }

    Set<String> sources() {
        return asks().stream().map(Expr.Ask::source).collect(Collectors.toUnmodifiableSet());
    }

    private static Stream<Expr.Ask> asks(Expr expr) {
        return switch (expr) {
            case Expr.Ask ask -> Stream.of(ask);
            case Expr.Figure figure -> Stream.empty();
            case Expr.Reference reference -> Stream.empty();
            case Expr.Sides sides -> Stream.of(sides.bid(), sides.ask()).flatMap(RateScript::asks);
            case Expr.MedianOf median -> median.parts().stream().flatMap(RateScript::asks);
            case Expr.FirstOf first -> first.parts().stream().flatMap(RateScript::asks);
            case Expr.Negation negation -> asks(negation.part());
            case Expr.Operation operation ->
                Stream.of(operation.left(), operation.right()).flatMap(RateScript::asks);
        };
    }
}
