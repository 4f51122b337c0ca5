/** The encodings of LNURL (LUD-01, 06). It must not know cards, invoices or nodes. */
@NullMarked
package dev.sluice.lnurl;

import org.jspecify.annotations.NullMarked;
