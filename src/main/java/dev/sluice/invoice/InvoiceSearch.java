package dev.sluice.invoice;

import dev.sluice.kernel.InvoiceId;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The words under which an invoice is found, and how a person's text becomes a pattern. */
final class InvoiceSearch {
    private static final int TEXT_MAX = 4_000;
    private static final List<String> FIELDS =
            List.of("orderId", "buyerEmail", "buyerName", "itemDesc", "itemCode", "paymentRequestId");

    private InvoiceSearch() {}

    static String words(InvoiceId id, JsonObject metadata, @Nullable String address, List<String> terms) {
        Stream<String> fields = FIELDS.stream()
                .map(metadata::getValue)
                .filter(java.util.Objects::nonNull)
                .map(Object::toString);
        String all = Stream.of(Stream.of(id.value()), fields, Stream.ofNullable(address), terms.stream())
                .flatMap(words -> words)
                .collect(Collectors.joining("\n"))
                .toLowerCase(Locale.ROOT);
        return all.length() <= TEXT_MAX ? all : all.substring(0, TEXT_MAX);
    }

    /** An {@code ilike} pattern that finds the text anywhere, its special characters taken literally. */
    static String pattern(String text) {
        String literal = text.toLowerCase(Locale.ROOT)
                .replace("\\", "\\\\")
                .replace("%", "\\%")
                .replace("_", "\\_");
        return "%" + literal + "%";
    }
}
