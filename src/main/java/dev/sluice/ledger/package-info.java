/**
 * Double-entry accounts and transfers; the only place where balances change. It must not know invoices, cards or
 * webhooks.
 */
@NullMarked
package dev.sluice.ledger;

import org.jspecify.annotations.NullMarked;
