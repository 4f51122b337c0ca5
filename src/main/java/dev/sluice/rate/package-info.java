/**
 * Exchange rates: sources, rules, staleness and bounds. It must not know invoices; it is asked for a rate and answers
 * with one or with the reason why not.
 */
@NullMarked
package dev.sluice.rate;

import org.jspecify.annotations.NullMarked;
