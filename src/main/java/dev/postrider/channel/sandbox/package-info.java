/** Sends nothing: scripted answers and an in-process handset, for development and tests. */
@NullMarked
package dev.postrider.channel.sandbox;

import org.jspecify.annotations.NullMarked;
