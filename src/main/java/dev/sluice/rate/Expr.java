package dev.sluice.rate;

import dev.sluice.kernel.Check;
import java.math.BigDecimal;
import java.util.List;

/** An expression of a rate script. */
sealed interface Expr {
    /** A figure. */
    record Figure(BigDecimal value) implements Expr {}

    /** {@code (bid, ask)}. */
    record Sides(Expr bid, Expr ask) implements Expr {}

    /** {@code USD_X}: what the script's rules say of another pair. */
    record Reference(PairPattern pair) implements Expr {}

    /** {@code kraken(BTC_X)}: what a source says; {@code at} is where the script says it. */
    record Ask(String source, PairPattern pair, int at) implements Expr {}

    /** {@code median(a, b, ..)} of those that have a price. */
    record MedianOf(List<Expr> parts) implements Expr {
        public MedianOf {
            Check.require(!parts.isEmpty(), "nothing to take the median of");
            parts = List.copyOf(parts);
        }
    }

    /** {@code first(a, b, ..)}: the first that has a price. */
    record FirstOf(List<Expr> parts) implements Expr {
        public FirstOf {
            Check.require(!parts.isEmpty(), "nothing to take the first of");
            parts = List.copyOf(parts);
        }
    }

    /** {@code -a}. */
    record Negation(Expr part) implements Expr {}

    /** {@code a + b} and the like. */
    record Operation(Operator operator, Expr left, Expr right) implements Expr {}

    /** What joins two expressions. */
    enum Operator {
        PLUS,
        MINUS,
        TIMES,
        DIVIDED_BY
    }
}
