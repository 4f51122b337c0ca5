package dev.sluice.lightning;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.function.Function;

/** Reads a node's invoices page by page. A store's own node says what it likes: a list without end is not read on. */
final class InvoicePages {
    private static final int PAGE = 500;

    /** A hundred million invoices in one look. */
    private static final int PAGES_MAX = 200_000;

    private final LightningNode node;
    private final Function<LightningNode.Page, Future<Void>> work;
    private final Promise<Void> end = Promise.promise();
    private int pages;

    private InvoicePages(LightningNode node, Function<LightningNode.Page, Future<Void>> work) {
        this.node = node;
        this.work = work;
    }

    /** Gives {@code work} each page from an add index on; the next is asked for when it is done with one. */
    static Future<Void> each(LightningNode node, long after, Function<LightningNode.Page, Future<Void>> work) {
        InvoicePages pages = new InvoicePages(node, work);
        pages.read(after);
        return pages.end.future();
    }

    private void read(long after) {
        Future.succeededFuture()
                .compose(go -> node.listInvoices(after, PAGE)) // what it throws is a failure too: somebody waits
                .compose(page -> work.apply(page).map(page.lastAddIndex()))
                .onFailure(end::fail)
                .onSuccess(last -> {
                    if (last == 0) {
                        end.complete();
                    } else if (last <= after || ++pages >= PAGES_MAX) {
                        end.fail(new IllegalStateException("the node's list of invoices does not end"));
                    } else {
                        read(last);
                    }
                });
    }
}
