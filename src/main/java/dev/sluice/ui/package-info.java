/**
 * Pages for people, server-rendered: the checkout and the receipt, a card to its holder, a terminal in the browser. It
 * must not know rules or tables: it shows what a service hands it.
 */
@NullMarked
package dev.sluice.ui;

import org.jspecify.annotations.NullMarked;
