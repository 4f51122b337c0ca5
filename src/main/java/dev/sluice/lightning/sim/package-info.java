/**
 * A simulated Lightning network in this process, for the demo, tests and benches: nodes that keep LND's rules, and
 * faults on request. It must not know the database or what the gateway does with it.
 */
@NullMarked
package dev.sluice.lightning.sim;

import org.jspecify.annotations.NullMarked;
