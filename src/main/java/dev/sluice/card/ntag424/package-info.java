/**
 * The cryptography of NTAG 424 DNA cards: keys, the message a card shows at each tap, and a card in software. It must
 * not know programmes, balances, tables or the network.
 */
@NullMarked
package dev.sluice.card.ntag424;

import org.jspecify.annotations.NullMarked;
