/** Postrider. The packages are its features; what stands here starts them. */
@NullMarked
package dev.postrider;

import org.jspecify.annotations.NullMarked;
