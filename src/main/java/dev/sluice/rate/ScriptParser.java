package dev.sluice.rate;

import dev.sluice.kernel.Currency;
import dev.sluice.rate.RateScript.Rule;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads rate scripts:
 *
 * <pre>
 * script   = { pair "=" sum ";" }          // comment to the end of the line
 * sum      = product { ("+" | "-") product }
 * product  = signed { ("*" | "/") signed }
 * signed   = "-" signed | "(" sum [ "," sum ] ")" | number | pair | function
 * function = source "(" pair ")" | ("median" | "first") "(" sum { "," sum } ")"
 * </pre>
 *
 * The subset of BTCPay's language that stores use, and {@code median}, {@code first} and the source {@code market}.
 */
final class ScriptParser {
    /** What a text turned out to be. */
    sealed interface Parsed {
        /** A script. */
        record Good(RateScript script) implements Parsed {}

        /** No script; the message names line and column. */
        record Bad(String message) implements Parsed {}
    }

    /** One rule for each currency. */
    private static final int RULES_MAX = 200;
    /** Deeper than anybody nests by hand; bounds the stack of parser and evaluation. */
    private static final int DEPTH_MAX = 32;
    /** Operations of one rule; bounds with the references the stack of an evaluation. */
    private static final int NODES_MAX = 100;
    /** Digits of a number; enough for any rate with 18 decimals. */
    private static final int FIGURE_MAX = 40;

    private final String text;
    private int at;
    private int depth;
    private int nodes;
    private @Nullable PairPattern target;

    private ScriptParser(String text) {
        this.text = text;
    }

    static Parsed parse(String text) {
        ScriptParser parser = new ScriptParser(text);
        try {
            return new Parsed.Good(parser.script());
        } catch (Malformed malformed) {
            return new Parsed.Bad(position(text, malformed.at) + ": " + malformed.getMessage());
        }
    }

    /** {@code line 2, column 5} of an offset. */
    static String position(String text, int offset) {
        String before = text.substring(0, Math.min(offset, text.length()));
        long line = before.chars().filter(c -> c == '\n').count() + 1;
        return "line " + line + ", column " + (before.length() - before.lastIndexOf('\n'));
    }

    private RateScript script() {
        check(text.length() <= RateScript.LENGTH_MAX, 0, "the script is longer than 10000 characters");
        List<Rule> rules = new ArrayList<>();
        skip();
        while (at < text.length()) {
            check(rules.size() < RULES_MAX, at, "more than 200 rules");
            rules.add(rule());
        }
        check(!rules.isEmpty(), at, "the script has no rule");
        return new RateScript(text, rules);
    }

    private Rule rule() {
        int start = at;
        target = null;
        nodes = 0;
        PairPattern pair = pair(word(), start);
        check(pair.base() == null || !pair.base().equals(pair.quote()), start, "a pair needs two currencies");
        target = pair;
        expect('=');
        Expr price = sum();
        expect(';');
        return new Rule(pair, price);
    }

    private Expr sum() {
        check(++depth <= DEPTH_MAX, at, "nested too deeply");
        Expr left = product();
        while (peek('+') || peek('-')) {
            Expr.Operator operator = take() == '+' ? Expr.Operator.PLUS : Expr.Operator.MINUS;
            left = counted(new Expr.Operation(operator, left, product()));
        }
        depth--;
        return left;
    }

    private Expr product() {
        Expr left = signed();
        while (peek('*') || peek('/')) {
            Expr.Operator operator = take() == '*' ? Expr.Operator.TIMES : Expr.Operator.DIVIDED_BY;
            left = counted(new Expr.Operation(operator, left, signed()));
        }
        return left;
    }

    private Expr signed() {
        if (peek('-')) {
            check(++depth <= DEPTH_MAX, at, "nested too deeply");
            take();
            Expr part = signed();
            depth--;
            return counted(new Expr.Negation(part));
        }
        if (peek('(')) {
            return parenthesis();
        }
        if (at < text.length() && isDigit(text.charAt(at))) {
            return counted(new Expr.Figure(figure()));
        }
        int start = at;
        String word = word();
        return counted(peek('(') ? function(word, start) : new Expr.Reference(pair(word, start)));
    }

    private Expr parenthesis() {
        expect('(');
        Expr first = sum();
        if (!peek(',')) {
            expect(')');
            return first;
        }
        expect(',');
        Expr second = sum();
        expect(')');
        return counted(new Expr.Sides(first, second));
    }

    private Expr function(String word, int start) {
        String name = word.toLowerCase(Locale.ROOT);
        return switch (name) {
            case "median" -> parts(Expr.MedianOf::new);
            case "first" -> parts(Expr.FirstOf::new);
            default -> {
                expect('(');
                int pairAt = at;
                PairPattern pair = pair(word(), pairAt);
                expect(')');
                yield new Expr.Ask(name, pair, start);
            }
        };
    }

    private Expr parts(Function<List<Expr>, Expr> function) {
        List<Expr> parts = new ArrayList<>();
        expect('(');
        parts.add(sum());
        while (peek(',')) {
            take();
            parts.add(sum());
        }
        expect(')');
        return function.apply(parts);
    }

    private PairPattern pair(String word, int start) {
        int cut = word.indexOf('_');
        check(cut > 0 && cut < word.length() - 1, start, "expected a pair such as BTC_USD");
        return new PairPattern(currency(word.substring(0, cut), start), currency(word.substring(cut + 1), start));
    }

    private @Nullable Currency currency(String code, int start) {
        if (code.equalsIgnoreCase("X")) {
            check(target == null || target.wildcards() > 0, start, "X means nothing in a rule for " + target);
            return null;
        }
        return Currency.find(code).orElseThrow(() -> new Malformed(start, "unknown currency " + code));
    }

    private BigDecimal figure() {
        int start = at;
        while (at < text.length() && (isDigit(text.charAt(at)) || text.charAt(at) == '.')) {
            at++;
        }
        String digits = text.substring(start, at);
        check(digits.length() <= FIGURE_MAX && digits.matches("[0-9]+(\\.[0-9]+)?"), start, "not a number");
        skip();
        return new BigDecimal(digits);
    }

    private String word() {
        int start = at;
        while (at < text.length() && isWord(text.charAt(at))) {
            at++;
        }
        check(at > start, start, at < text.length() ? "unexpected " + text.charAt(at) : "unexpected end");
        String word = text.substring(start, at);
        skip();
        return word;
    }

    private Expr counted(Expr expr) {
        check(++nodes <= NODES_MAX, at, "the rule is too long");
        return expr;
    }

    private boolean peek(char c) {
        return at < text.length() && text.charAt(at) == c;
    }

    private char take() {
        char taken = text.charAt(at++);
        skip();
        return taken;
    }

    private void expect(char c) {
        check(peek(c), at, "expected " + c);
        take();
    }

    private void skip() {
        while (at < text.length()) {
            if (Character.isWhitespace(text.charAt(at))) {
                at++;
            } else if (text.startsWith("//", at)) {
                int end = text.indexOf('\n', at);
                at = end < 0 ? text.length() : end + 1;
            } else {
                return;
            }
        }
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isWord(char c) {
        return isDigit(c) || c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }

    private static void check(boolean condition, int at, String message) {
        if (!condition) {
            throw new Malformed(at, message);
        }
    }

    /** Leaves the recursion; never leaves this class. */
    private static final class Malformed extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final int at;

        private Malformed(int at, String message) {
            super(message, null, false, false);
            this.at = at;
        }
    }
}
