/**
 * A simulated bitcoin network for demonstrations and tests: real serialised transactions and blocks, seeded, with
 * faults on demand. It must not know the watcher: it is a {@link dev.sluice.chain.ChainSource} like any other.
 */
@NullMarked
package dev.sluice.chain.sim;

import org.jspecify.annotations.NullMarked;
