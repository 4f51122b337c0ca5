/**
 * Who may do what: users, API keys, the permission tree, server policies and membership of stores. It must not know
 * what a store is beyond its id, nor anything of invoices, nodes or money.
 */
@NullMarked
package dev.sluice.identity;

import org.jspecify.annotations.NullMarked;
