/** Idempotency keys: the same request within a day has the same effect and the same answer. */
@NullMarked
package dev.postrider.platform.idempotency;

import org.jspecify.annotations.NullMarked;
