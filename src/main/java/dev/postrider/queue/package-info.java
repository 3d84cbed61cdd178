/**
 * Work that must happen later and survive a crash: claimed by one node at a time, leased, fenced by
 * a token on every finish, rescued when its node never comes back. A node may also enqueue a job
 * already claimed by itself and run it from memory after the commit. Knows nothing of what the work
 * is about.
 */
@ApplicationModule(allowedDependencies = {"platform"})
@NullMarked
package dev.postrider.queue;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
