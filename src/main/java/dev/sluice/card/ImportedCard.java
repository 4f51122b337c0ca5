package dev.sluice.card;

import dev.sluice.card.ntag424.PiccData;
import dev.sluice.card.ntag424.Uid;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A card of BTCPay Server, as a line of a file tells it.
 *
 * @param pullPayment what its keys depend on beside UID and version; empty for cards of other deterministic issuers
 * @param counter of its newest tap that counted; older ones are refused here too
 * @param balance in the programme's currency
 */
public record ImportedCard(
        Uid uid, Optional<String> pullPayment, int version, int counter, BigDecimal balance, String label) {
    /** Names of the columns, in any order; {@code pullpayment} and {@code label} may be left out. */
    private static final List<String> COLUMNS = List.of("uid", "pullpayment", "version", "counter", "balance", "label");

    private static final Set<String> NEEDED = Set.of("uid", "version", "counter", "balance");
    private static final int LINES_MAX = 100_000;
    private static final int TEXT_MAX = 200;
    private static final int VERSION_MAX = 1_000_000;

    /** A line that was read, or why it cannot be. */
    public record Line(int number, Optional<ImportedCard> card, String problem) {}

    /** Reads a file with a header line, values separated by commas without quotes. Throws for a wrong header. */
    public static List<Line> parse(String file) {
        List<String> lines = file.replaceFirst("^\uFEFF", "").lines().toList();
        if (lines.isEmpty() || lines.size() > LINES_MAX) {
            throw new IllegalArgumentException("a header and up to " + LINES_MAX + " lines are expected");
        }
        List<String> header =
                List.of(lines.getFirst().toLowerCase(Locale.ROOT).strip().split("\\s*,\\s*"));
        if (!COLUMNS.containsAll(header)
                || !header.containsAll(NEEDED)
                || new HashSet<>(header).size() != header.size()) {
            throw new IllegalArgumentException("the columns are " + String.join(", ", COLUMNS));
        }
        List<Line> out = new ArrayList<>();
        Set<Uid> seen = new HashSet<>();
        for (int i = 1; i < lines.size(); i++) {
            if (!lines.get(i).isBlank()) {
                out.add(line(i + 1, header, lines.get(i), seen));
            }
        }
        return out;
    }

    private static Line line(int number, List<String> header, String text, Set<Uid> seen) {
        String[] values = text.split(",", -1);
        if (values.length != header.size()) {
            return new Line(number, Optional.empty(), header.size() + " values are expected");
        }
        Map<String, String> byName = new java.util.HashMap<>();
        for (int i = 0; i < values.length; i++) {
            byName.put(header.get(i), values[i].strip());
        }
        try {
            ImportedCard card = card(byName);
            return seen.add(card.uid())
                    ? new Line(number, Optional.of(card), "")
                    : new Line(number, Optional.empty(), "the UID stands in an earlier line");
        } catch (IllegalArgumentException wrong) {
            return new Line(number, Optional.empty(), String.valueOf(wrong.getMessage()));
        }
    }

    private static ImportedCard card(Map<String, String> values) {
        String pullPayment = text(values, "pullpayment");
        return new ImportedCard(
                new Uid(text(values, "uid").toLowerCase(Locale.ROOT)),
                Optional.of(pullPayment).filter(id -> !id.isEmpty()),
                number(values, "version", VERSION_MAX),
                number(values, "counter", PiccData.COUNTER_MAX),
                balance(text(values, "balance")),
                text(values, "label"));
    }

    private static String text(Map<String, String> values, String name) {
        String text = values.getOrDefault(name, "");
        if (text.length() > TEXT_MAX || text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException(name + " is too long");
        }
        return text;
    }

    private static int number(Map<String, String> values, String name, int max) {
        String text = text(values, name);
        if (!text.matches("[0-9]{1,9}") || Integer.parseInt(text) > max) {
            throw new IllegalArgumentException(name + " is a whole number up to " + max);
        }
        return Integer.parseInt(text);
    }

    private static BigDecimal balance(String text) {
        if (!text.matches("[0-9]{1,15}(\\.[0-9]{1,11})?")) {
            throw new IllegalArgumentException("balance is a plain decimal, not below 0");
        }
        return new BigDecimal(text);
    }
}
