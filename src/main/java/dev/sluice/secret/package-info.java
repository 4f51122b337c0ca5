/**
 * Hashing of what can be guessed: slow on purpose and off the event loops, or under a key that is kept elsewhere. It
 * must not know whose secrets they are.
 */
@NullMarked
package dev.sluice.secret;

import org.jspecify.annotations.NullMarked;
