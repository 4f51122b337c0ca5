/** Sluice: starts, wires and stops the gateway. It knows every feature; no feature knows it. */
@NullMarked
package dev.sluice;

import org.jspecify.annotations.NullMarked;
