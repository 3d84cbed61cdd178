/**
 * Token buckets by key, the same on all nodes: a thin layer over Bucket4j. Knows nothing of what is
 * limited.
 */
@ApplicationModule(allowedDependencies = {"platform"})
@NullMarked
package dev.postrider.ratelimit;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
