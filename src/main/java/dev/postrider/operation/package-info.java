/**
 * What an operator looks at: that the service runs and is ready, its documents, its metrics, and
 * the line that says where it listens.
 */
@ApplicationModule(allowedDependencies = {"platform", "app"})
@NullMarked
package dev.postrider.operation;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
