package dev.sluice.invoice;

import dev.sluice.kernel.InvoiceId;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The words under which an invoice is found, and how a person's text becomes a pattern. */
final class InvoiceSearch {
    static final int TEXT_MAX = 4_000;
    private static final List<String> FIELDS =
            List.of("orderId", "buyerEmail", "buyerName", "itemDesc", "itemCode", "paymentRequestId");

    private InvoiceSearch() {}

    /** @param terms further words than those of the id and the metadata */
    static String words(InvoiceId id, JsonObject metadata, List<String> terms) {
        Stream<String> fields = FIELDS.stream()
                .map(metadata::getValue)
                .filter(java.util.Objects::nonNull)
                .map(Object::toString);
        String all = Stream.concat(Stream.of(id.value()), fields)
                .map(word -> word.toLowerCase(Locale.ROOT))
                .collect(Collectors.joining("\n"));
        return cut(all + terms(terms));
    }

    /** The terms as they stand behind the words, each on a line of its own. */
    static String terms(List<String> terms) {
        return cut(
                terms.stream().map(term -> "\n" + term.toLowerCase(Locale.ROOT)).collect(Collectors.joining()));
    }

    private static String cut(String text) {
        return text.length() <= TEXT_MAX ? text : text.substring(0, TEXT_MAX);
    }

    /** A {@code like} pattern that finds the text anywhere in words, its special characters taken literally. */
    static String pattern(String text) {
        String literal = text.toLowerCase(Locale.ROOT)
                .replace("\\", "\\\\")
                .replace("%", "\\%")
                .replace("_", "\\_");
        return "%" + literal + "%";
    }
}
