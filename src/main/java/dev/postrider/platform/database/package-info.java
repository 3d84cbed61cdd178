/**
 * PostgreSQL: the embedded server, the pool, transactions, ids, and the check that a commit is
 * durable.
 */
@NullMarked
package dev.postrider.platform.database;

import org.jspecify.annotations.NullMarked;
