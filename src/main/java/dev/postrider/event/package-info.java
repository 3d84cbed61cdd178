/**
 * What happened, application by application, in a log without gaps: one number for each public
 * change of a message, a sender or an endpoint, committed with the change. Knows nothing of who
 * reads it.
 */
@ApplicationModule(allowedDependencies = {"platform", "app", "message"})
@NullMarked
package dev.postrider.event;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
