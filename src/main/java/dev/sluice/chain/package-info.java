/**
 * The bitcoin chain: wallets and their addresses, the watcher, confirmations and reorganisations. It must not know
 * invoices: it reports what happened to outputs and leaves their meaning to a {@link dev.sluice.chain.ChainSink}.
 */
@NullMarked
package dev.sluice.chain;

import org.jspecify.annotations.NullMarked;
