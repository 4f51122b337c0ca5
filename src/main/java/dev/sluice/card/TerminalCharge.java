package dev.sluice.card;

import dev.sluice.card.ntag424.Tap;
import dev.sluice.kernel.InvoiceId;
import dev.sluice.kernel.Money;
import dev.sluice.kernel.StoreId;
import java.util.Optional;

/**
 * What a terminal asks for.
 *
 * @param price empty only where an invoice says it
 * @param capture whether the money moves at once; else it is reserved for a later capture
 * @param invoice which the tap pays; the price is then what is left to pay of it
 */
record TerminalCharge(
        StoreId store,
        String terminal,
        Optional<Money> price,
        Tap tap,
        Optional<String> pin,
        boolean capture,
        Optional<ChargeAsk.Request> request,
        Optional<InvoiceId> invoice) {}
