/**
 * Messages that are sent again and again, by a rule in a zone's wall-clock time: at most once for
 * each date of the rule, committed together with the step to the next. Knows nothing of how a
 * message is delivered.
 */
@ApplicationModule(allowedDependencies = {"platform", "app", "queue", "message"})
@NullMarked
package dev.postrider.schedule;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
