/**
 * The way to PostgreSQL: pool, transactions with retry, leases, migrations, the embedded server. It must not know any
 * feature or table of one.
 */
@NullMarked
package dev.sluice.db;

import org.jspecify.annotations.NullMarked;
