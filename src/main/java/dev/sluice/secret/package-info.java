/** Hashing of what people choose and remember: slow on purpose, off the event loops. It must not know who they are. */
@NullMarked
package dev.sluice.secret;

import org.jspecify.annotations.NullMarked;
