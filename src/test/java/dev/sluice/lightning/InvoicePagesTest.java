package dev.sluice.lightning;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;

/** A store's own node may say whatever it likes of its invoices. */
class InvoicePagesTest {
    @Test
    void pagesAreReadToTheirEnd() {
        List<Long> ends = new ArrayList<>();
        assertThat(read(after -> after < 3 ? after + 1 : 0, ends).succeeded()).isTrue();
        assertThat(ends).containsExactly(1L, 2L, 3L, 0L);
    }

    @Test
    void listThatStandsStillIsNotReadOn() {
        List<Long> ends = new ArrayList<>();
        assertThat(read(after -> 7, ends).cause()).hasMessageContaining("does not end");
        assertThat(ends).containsExactly(7L, 7L);
        assertThat(read(after -> after == 0 ? 7 : 3, new ArrayList<>()).cause()).hasMessageContaining("does not end");
    }

    private static Future<Void> read(LongUnaryOperator lastOf, List<Long> ends) {
        LightningNode node = (LightningNode) Proxy.newProxyInstance(
                InvoicePagesTest.class.getClassLoader(),
                new Class<?>[] {LightningNode.class},
                (self, method, arguments) -> Future.succeededFuture(
                        new LightningNode.Page(List.of(), lastOf.applyAsLong((long) arguments[0]))));
        return InvoicePages.each(node, 0, page -> {
            ends.add(page.lastAddIndex());
            return Future.succeededFuture();
        });
    }
}
