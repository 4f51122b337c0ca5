/**
 * The configuration: layers, typed sections, start-up errors that name the key. It must not know any feature; the root
 * package hands each feature what it needs.
 */
@NullMarked
package dev.sluice.config;

import org.jspecify.annotations.NullMarked;
