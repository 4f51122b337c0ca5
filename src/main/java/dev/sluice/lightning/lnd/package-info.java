/**
 * LND behind {@link dev.sluice.lightning.LightningNode}: channels, credentials, calls and the mapping of its messages.
 * The only place that may know LND's generated classes; it must not know the database or any other feature.
 */
@NullMarked
package dev.sluice.lightning.lnd;

import org.jspecify.annotations.NullMarked;
