package dev.sluice.invoice;

import dev.sluice.chain.ChainService;
import dev.sluice.chain.ReservedAddress;
import dev.sluice.chain.WalletId;
import dev.sluice.db.Db;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.FailureException;
import dev.sluice.store.PaymentMethod;
import dev.sluice.store.Rail;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Gives invoices their addresses, at once or later. */
final class ChainPrompts {
    private final Db db;
    private final ChainService chain;
    private final PromptRepository prompts;
    private final InvoiceBooks books;
    private final Runnable afterCommit;

    ChainPrompts(Db db, ChainService chain, PromptRepository prompts, InvoiceBooks books, Runnable afterCommit) {
        this.db = db;
        this.chain = chain;
        this.prompts = prompts;
        this.books = books;
        this.afterCommit = afterCommit;
    }

    /** Adds the prompt of a new invoice; one that gets no address now says why, and is looked at again. */
    Future<Void> add(SqlConnection tx, Invoice invoice, PaymentMethod method, boolean lazy) {
        if (lazy) {
            return prompts.insert(tx, prompt(invoice, method, null, null), null);
        }
        return chain.reserve(tx, new WalletId(method.source()), Invoice.subject(invoice.id()))
                .compose(address -> prompts.insert(tx, prompt(invoice, method, address, null), null))
                .recover(failure -> failure instanceof FailureException known
                                && known.failure() instanceof Failure.Unavailable reason
                        ? prompts.insert(
                                tx,
                                prompt(invoice, method, null, reason.message()),
                                PromptKeeper.afterCreation(invoice.createdAt()))
                        : Future.failedFuture(failure));
    }

    /**
     * Gives a prompt without an address one. Looked at before the lock it may have been filled or the invoice paid
     * meanwhile: an address taken for nothing would widen the gap that the owner's wallet searches.
     */
    Future<Void> activate(Prompt seen) {
        return db.tx(tx -> books.open(tx, List.of(seen.invoice()))
                        .compose(book -> prompts.of(tx, seen.invoice()).compose(now -> {
                            Invoice invoice = book.invoice(seen.invoice()).orElseThrow();
                            boolean empty = now.stream()
                                    .anyMatch(p -> p.rail() == Rail.CHAIN && p.state() == Prompt.State.LAZY);
                            boolean open = invoice.state().status() == InvoiceStatus.NEW;
                            return !empty
                                    ? Future.<Void>succeededFuture()
                                    : open ? fill(tx, book, seen, invoice) : prompts.lookAt(tx, seen, null);
                        })))
                .onSuccess(done -> afterCommit.run());
    }

    private Future<Void> fill(SqlConnection tx, InvoiceBook book, Prompt prompt, Invoice invoice) {
        return chain.reserve(tx, new WalletId(prompt.source()), Invoice.subject(invoice.id()))
                .compose(address -> prompts.fill(tx, prompt, address))
                .compose(filled -> {
                    book.touchFor(prompt.invoice());
                    return book.flush(tx, null);
                });
    }

    private static Prompt prompt(
            Invoice invoice, PaymentMethod method, @Nullable ReservedAddress address, @Nullable String reason) {
        return new Prompt(
                invoice.id(),
                Rail.CHAIN,
                1,
                method.holder(),
                method.source(),
                address == null ? Prompt.State.LAZY : Prompt.State.ACTIVE,
                address == null ? null : address.address(),
                address == null ? null : address.script(),
                address == null ? null : address.keyPath(),
                null,
                null,
                invoice.due(),
                reason,
                invoice.createdAt());
    }
}
