/**
 * Amounts, ids, time, entropy and failures: the words every feature speaks. It knows the JDK alone, no framework and
 * no I/O.
 */
@NullMarked
package dev.sluice.kernel;

import org.jspecify.annotations.NullMarked;
