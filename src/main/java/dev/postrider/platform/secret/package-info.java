/** The master key and what is derived from it: sealed credentials, key hashes, signed cursors. */
@NullMarked
package dev.postrider.platform.secret;

import org.jspecify.annotations.NullMarked;
