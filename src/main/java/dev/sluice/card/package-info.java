/**
 * Prepaid cards: programmes, issue, life cycle, limits, and what terminals and wallets may take from a card. It must
 * not know node protocols or pages.
 */
@NullMarked
package dev.sluice.card;

import org.jspecify.annotations.NullMarked;
