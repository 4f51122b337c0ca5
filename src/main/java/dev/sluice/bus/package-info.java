/**
 * Typed hints between verticles of one process. The bus carries no truth: what it says is read again from the
 * database.
 */
@NullMarked
package dev.sluice.bus;

import org.jspecify.annotations.NullMarked;
