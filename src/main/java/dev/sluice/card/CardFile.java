package dev.sluice.card;

import dev.sluice.card.ntag424.AesKey;
import dev.sluice.card.ntag424.CardKeys;
import dev.sluice.card.ntag424.PiccData;
import dev.sluice.card.ntag424.Tap;
import dev.sluice.card.ntag424.Uid;
import dev.sluice.kernel.FailureException;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads a file of cards of another issuer: lines with a header, or a JSON list of objects, with the same names. Names
 * of the exports of boltcard and LNbits are known.
 */
public final class CardFile {
    /** Other systems' names for ours. */
    private static final Map<String, String> ALIASES = Map.of(
            "last_counter_value", "counter",
            "card_name", "label",
            "k0_auth_key", "k0",
            "aes_decrypt_key", "k1",
            "k2_cmac_key", "k2");

    private static final Set<String> COLUMNS = Set.of(
            "uid",
            "pullpayment",
            "version",
            "counter",
            "balance",
            "label",
            "tap",
            "k0",
            "k1",
            "k2",
            "k3",
            "k4",
            "external_id");

    private static final Set<String> NEEDED = Set.of("uid", "counter", "balance");
    private static final int LINES_MAX = 100_000;
    private static final int TEXT_MAX = 200;
    private static final int VERSION_MAX = 1_000_000;

    private CardFile() {}

    /** A line or an object that was read, or why it cannot be. */
    public record Line(int number, Optional<ImportedCard> card, String problem) {}

    /** Reads all; throws {@link IllegalArgumentException} where names are unknown or missing. */
    public static List<Line> parse(String file) {
        String text = file.replaceFirst("^\uFEFF", "");
        return text.stripLeading().startsWith("[") ? json(text) : csv(text);
    }

    private static List<Line> csv(String text) {
        List<String> lines = text.lines().toList();
        if (lines.isEmpty() || lines.size() > LINES_MAX) {
            throw new IllegalArgumentException("a header and up to " + LINES_MAX + " lines are expected");
        }
        List<String> header = java.util.Arrays.stream(lines.getFirst().split(",", -1))
                .map(CardFile::name)
                .toList();
        check(header);
        List<Line> out = new ArrayList<>();
        Set<Uid> seen = new HashSet<>();
        for (int i = 1; i < lines.size(); i++) {
            if (!lines.get(i).isBlank()) {
                String[] values = lines.get(i).split(",", -1);
                if (values.length == header.size()) {
                    Map<String, String> byName = new HashMap<>();
                    for (int at = 0; at < values.length; at++) {
                        byName.put(header.get(at), values[at].strip());
                    }
                    out.add(line(i + 1, byName, seen));
                } else {
                    out.add(new Line(i + 1, Optional.empty(), header.size() + " values are expected"));
                }
            }
        }
        return out;
    }

    private static List<Line> json(String text) {
        List<Line> out = new ArrayList<>();
        Set<Uid> seen = new HashSet<>();
        try {
            JsonArray all = new JsonArray(text);
            if (all.size() > LINES_MAX) {
                throw new IllegalArgumentException("up to " + LINES_MAX + " cards are expected");
            }
            for (int i = 0; i < all.size(); i++) {
                JsonObject card = all.getJsonObject(i);
                Map<String, String> byName = new HashMap<>();
                card.forEach(entry -> byName.put(
                        name(entry.getKey()), entry.getValue() == null ? "" : String.valueOf(entry.getValue())));
                check(List.copyOf(byName.keySet()));
                out.add(line(i + 1, byName, seen));
            }
        } catch (DecodeException | ClassCastException malformed) {
            throw new IllegalArgumentException("a JSON list of objects is expected", malformed);
        }
        return out;
    }

    private static String name(String written) {
        String name = written.strip().toLowerCase(Locale.ROOT);
        return ALIASES.getOrDefault(name, name);
    }

    private static void check(List<String> names) {
        Set<String> distinct = new HashSet<>(names);
        boolean own = distinct.contains("k0") || distinct.contains("k1") || distinct.contains("k2");
        boolean complete = own
                ? distinct.containsAll(Set.of("k0", "k1", "k2"))
                        && !distinct.contains("pullpayment")
                        && !distinct.contains("version")
                : distinct.contains("version") && !distinct.contains("external_id");
        if (!COLUMNS.containsAll(distinct)
                || !distinct.containsAll(NEEDED)
                || !complete
                || distinct.size() != names.size()) {
            throw new IllegalArgumentException("the columns are uid, counter, balance, label, tap and either version,"
                    + " pullpayment or k0, k1, k2, k3, k4, external_id");
        }
    }

    private static Line line(int number, Map<String, String> values, Set<Uid> seen) {
        try {
            ImportedCard card = card(values);
            return seen.add(card.uid())
                    ? new Line(number, Optional.of(card), "")
                    : new Line(number, Optional.empty(), "the UID stands in an earlier line");
        } catch (IllegalArgumentException wrong) {
            return new Line(number, Optional.empty(), String.valueOf(wrong.getMessage()));
        }
    }

    private static ImportedCard card(Map<String, String> values) {
        boolean own = values.containsKey("k2");
        return new ImportedCard(
                Uid.given(text(values, "uid")),
                Optional.of(text(values, "pullpayment")).filter(id -> !id.isEmpty()),
                own ? 0 : number(values, "version", VERSION_MAX),
                number(values, "counter", PiccData.COUNTER_MAX),
                balance(text(values, "balance")),
                text(values, "label"),
                own ? Optional.of(keys(values)) : Optional.empty(),
                externalId(text(values, "external_id")),
                tap(values.getOrDefault("tap", "")));
    }

    /** The link that the card showed. */
    private static Optional<Tap> tap(String link) {
        try {
            return link.isEmpty() ? Optional.empty() : Optional.of(Tap.ofLink(link));
        } catch (FailureException malformed) {
            throw new IllegalArgumentException("tap is a link with p and c, as the card showed it", malformed);
        }
    }

    /** LNbits writes K1 as K3 and K2 as K4, and does not tell them. */
    private static CardKeys keys(Map<String, String> values) {
        AesKey k1 = key(values, "k1");
        AesKey k2 = key(values, "k2");
        return new CardKeys(
                key(values, "k0"),
                k1,
                k2,
                text(values, "k3").isEmpty() ? k1 : key(values, "k3"),
                text(values, "k4").isEmpty() ? k2 : key(values, "k4"));
    }

    private static AesKey key(Map<String, String> values, String name) {
        String hex = text(values, name);
        if (!hex.matches("[0-9a-fA-F]{32}")) {
            throw new IllegalArgumentException(name + " is 32 hexadecimal digits");
        }
        return AesKey.ofHex(hex);
    }

    private static Optional<String> externalId(String text) {
        if (!text.matches("[A-Za-z0-9_-]{0,64}")) {
            throw new IllegalArgumentException("external_id is up to 64 letters and digits");
        }
        return Optional.of(text).filter(id -> !id.isEmpty());
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
