/**
 * What every room stands on and nothing of what the rooms are about: problems and their wire
 * format, loops and group commits, settings, ids, correlation. Knows no message, no sender, no
 * provider.
 */
@ApplicationModule(type = ApplicationModule.Type.OPEN)
@NullMarked
package dev.postrider.platform;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
