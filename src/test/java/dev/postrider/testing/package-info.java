/** What tests share: a database, a running service, a way to wait. */
@NullMarked
package dev.postrider.testing;

import org.jspecify.annotations.NullMarked;
