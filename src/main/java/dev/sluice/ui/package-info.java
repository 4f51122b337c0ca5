/**
 * Pages for people: the checkout and the receipt, server-rendered. It must not know rules or tables: it shows what a
 * service hands it.
 */
@NullMarked
package dev.sluice.ui;

import org.jspecify.annotations.NullMarked;
