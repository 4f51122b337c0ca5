/**
 * Webhooks: endpoints of stores, signing, durable delivery with retries, the delivery log and replay. It must not know
 * what the events mean; it reads them from the log and tells them on.
 */
@NullMarked
package dev.sluice.webhook;

import org.jspecify.annotations.NullMarked;
