package dev.sluice;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Webhooks and meters must not know invoices and cards, and so list the kinds of their events again. */
class EventKindsTest {
    /** Read by other parts of the gateway only. */
    private static final List<String> INTERNAL =
            List.of("invoice.changed", "InvoicePaymentUnconfirmed", "InvoicePaymentInvalid");

    @Test
    void everyKindIsDeliveredUnlessItIsInternal() throws Exception {
        List<String> announced = announced();
        announced.removeAll(INTERNAL);
        assertThat(delivered()).containsExactlyInAnyOrderElementsOf(announced);
    }

    @Test
    void everyMeterCountsAKindThatIsAnnounced() throws Exception {
        assertThat(announced()).containsAll(GatewayMeters.INVOICES).containsAll(GatewayMeters.CARDS);
    }

    private static List<String> announced() throws ReflectiveOperationException {
        List<String> kinds = new ArrayList<>();
        for (String owner : List.of("dev.sluice.invoice.InvoiceEvents", "dev.sluice.card.CardEvents")) {
            for (Field field : Class.forName(owner).getDeclaredFields()) {
                if (Modifier.isStatic(field.getModifiers()) && field.getType() == String.class) {
                    field.setAccessible(true);
                    kinds.add((String) field.get(null));
                }
            }
        }
        return kinds;
    }

    @SuppressWarnings("unchecked")
    private static Collection<String> delivered() throws ReflectiveOperationException {
        Field field = Class.forName("dev.sluice.webhook.WebhookEvents").getDeclaredField("DELIVERED");
        field.setAccessible(true);
        return (Collection<String>) field.get(null);
    }
}
