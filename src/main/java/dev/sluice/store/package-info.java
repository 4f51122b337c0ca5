/**
 * Stores: their settings, and how each is paid. It must not know invoices or node protocols.
 */
@NullMarked
package dev.sluice.store;

import org.jspecify.annotations.NullMarked;
