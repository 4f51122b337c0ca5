/**
 * The one way out to addresses that others choose: webhooks, rate sources, remote LNURL services. It must not know
 * what is asked or told; it knows which addresses may be reached, how long and how much.
 */
@NullMarked
package dev.sluice.egress;

import org.jspecify.annotations.NullMarked;
