/**
 * Stores: their settings, members, payment methods and rate rules. It must not know invoices or node protocols.
 */
@NullMarked
package dev.sluice.store;

import org.jspecify.annotations.NullMarked;
