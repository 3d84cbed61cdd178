/** Measures the service from outside: its own process, its own PostgreSQL, a WAHA simulator. */
@NullMarked
package dev.postrider.bench;

import org.jspecify.annotations.NullMarked;
