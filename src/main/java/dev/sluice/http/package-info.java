/**
 * The HTTP edge: server, router assembly, authentication hook, limits, errors, replies, streams and the management
 * port. It must not know any feature's rules; features describe their routes to an {@link dev.sluice.http.Api}.
 */
@NullMarked
package dev.sluice.http;

import org.jspecify.annotations.NullMarked;
