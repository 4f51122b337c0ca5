/**
 * Bitcoin Core and its relatives as a {@link dev.sluice.chain.ChainSource}: JSON-RPC for truth, ZMQ for hints. It must
 * not know what the answers mean to us.
 */
@NullMarked
package dev.sluice.chain.bitcoind;

import org.jspecify.annotations.NullMarked;
