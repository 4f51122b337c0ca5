/**
 * Running the gateway: command line, logs, metrics, start and stop in order. It must not know any feature; what the
 * commands need of one stands here as a small interface that the root package fills.
 */
@NullMarked
package dev.sluice.ops;

import org.jspecify.annotations.NullMarked;
