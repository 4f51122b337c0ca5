/**
 * The append-only event log: written inside the transaction of the fact, read by cursor. It must not know what the
 * events mean.
 */
@NullMarked
package dev.sluice.eventlog;

import org.jspecify.annotations.NullMarked;
