/**
 * The words of messages, kept by name: versions, variants by locale and channel, typed variables,
 * rendering within limits. Knows nothing of who sends them.
 */
@ApplicationModule(allowedDependencies = {"platform", "app", "channel"})
@NullMarked
package dev.postrider.template;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
