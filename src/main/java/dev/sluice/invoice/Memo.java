package dev.sluice.invoice;

import dev.sluice.store.StoreSettings;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The description of a BOLT 11 invoice, which wallets show to the payer. */
final class Memo {
    /** A field has at most 1,023 groups of five bits (BOLT 11, tagged fields). */
    private static final int BYTES_MAX = 639;

    private static final Pattern PLACEHOLDER = Pattern.compile("\\{(StoreName|ItemDescription|OrderId)}");

    private Memo() {}

    /** By the store's template; without one what the invoice says it is for. */
    static String of(Invoice invoice, StoreSettings store) {
        Object item = invoice.metadata().getValue("itemDesc");
        String order = InvoiceRepository.orderId(invoice.metadata());
        Map<String, String> values = Map.of(
                "StoreName", store.name(),
                "ItemDescription", item == null ? "" : item.toString(),
                "OrderId", order == null ? "" : order);
        String text = PLACEHOLDER
                .matcher(store.lightningDescriptionTemplate())
                .replaceAll(found -> Matcher.quoteReplacement(values.getOrDefault(found.group(1), "")));
        return bounded(text.isBlank() ? plain(invoice, item, order) : text.strip());
    }

    private static String plain(Invoice invoice, @Nullable Object item, @Nullable String order) {
        return item != null ? item.toString() : order != null ? "Order " + order : "Invoice " + invoice.id();
    }

    /** As many whole characters as fit. */
    static String bounded(String text) {
        int bytes = 0;
        for (int at = 0; at < text.length(); at += Character.charCount(text.codePointAt(at))) {
            String character = Character.toString(text.codePointAt(at));
            bytes += character.getBytes(StandardCharsets.UTF_8).length;
            if (bytes > BYTES_MAX) {
                return text.substring(0, at);
            }
        }
        return text;
    }
}
