/**
 * Request keys: a key is reserved, its reply kept and replayed in the transaction of the effect. It must not know HTTP
 * routes or what an effect does.
 */
@NullMarked
package dev.sluice.idempotency;

import org.jspecify.annotations.NullMarked;
