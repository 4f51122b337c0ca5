/**
 * Invoices: their state machine, prompts, payments and what each is worth in the ledger. It must not know node
 * protocols, and it never decides by silence: an invoice expires only once every rail has been read up to its end.
 */
@NullMarked
package dev.sluice.invoice;

import org.jspecify.annotations.NullMarked;
