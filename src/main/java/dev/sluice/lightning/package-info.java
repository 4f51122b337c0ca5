/**
 * Lightning nodes: invoices, the settle stream, hold invoices and payments. It must not know what an invoice of a store
 * is: it reports settled payment hashes to a {@link dev.sluice.lightning.SettleSink}.
 */
@NullMarked
package dev.sluice.lightning;

import org.jspecify.annotations.NullMarked;
