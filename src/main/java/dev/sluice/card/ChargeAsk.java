package dev.sluice.card;

import dev.sluice.kernel.CardId;
import dev.sluice.kernel.InvoiceId;
import dev.sluice.kernel.Money;
import dev.sluice.kernel.Msat;
import dev.sluice.ledger.Account;
import dev.sluice.lightning.Outgoing;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of a card whose tap was proved.
 *
 * @param quote the price in the card's units, without what an exchange costs
 * @param capture whether the money moves at once; else it is reserved
 * @param request terminal and Idempotency-Key; null for none
 * @param bill the invoice that is paid; null for none
 * @param payout the Lightning payment that takes the money out; null where it stays in the ledger
 */
record ChargeAsk(
        String id,
        Shown tap,
        Terminal terminal,
        Money price,
        Quotes.Quote quote,
        boolean capture,
        Pin pin,
        @Nullable Request request,
        @Nullable Bill bill,
        Outgoing.@Nullable Order payout) {
    /** What came of the PIN that was typed. */
    enum Pin {
        NOT_GIVEN,
        RIGHT,
        WRONG,
        LOCKED,
        NOT_SET
    }

    /**
     * Names a request.
     *
     * @param key keyed hash of terminal and Idempotency-Key ({@link RequestNames})
     * @param hash likewise of what is asked
     */
    record Request(byte[] key, byte[] hash) {}

    /** An invoice of ours, and what was left of it when the card was asked. */
    record Bill(InvoiceId invoice, Msat remaining) {}

    /** Looking at a PIN changes the card: it takes a try. */
    ChargeAsk with(Pin typed) {
        return new ChargeAsk(id, tap.moved(), terminal, price, quote, capture, typed, request, bill, payout);
    }

    /** What no two that are under way may share: the second must see what came of the first. */
    List<Object> keys() {
        CardId card = tap.card().id();
        return request == null ? List.of(card) : List.of(card, ByteBuffer.wrap(request.key()));
    }

    @Nullable
    InvoiceId invoice() {
        return bill == null ? null : bill.invoice();
    }

    /** Who gets the money: the store, or whoever the node pays on our behalf. */
    Account payee(String asset) {
        if (payout == null) {
            return Account.store(terminal.store(), asset);
        }
        return asset.equals(Account.BTC) ? Account.custody("ln") : Account.exchange(asset);
    }

    /** What the exchange costs under a programme, rounded up. */
    long spread(Programme programme) {
        return quote.exchanged() ? Quotes.share(quote.fair(), programme.spreadPpm()) : 0;
    }

    /**
     * What the holder pays for: the price with its exchange. The limit of a tap and the PIN look at this; what is
     * reserved beside it for the way of the money mostly comes back, and a wallet knows nothing of it.
     */
    long judged(Programme programme) {
        long asked = quote.asked();
        return quote.exchanged() ? Math.addExact(asked, Quotes.share(asked, programme.spreadPpm())) : asked;
    }
}
