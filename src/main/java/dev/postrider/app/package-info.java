/**
 * Who sends: applications, their API keys, and the senders they send from. Decides who may call
 * what; knows no message.
 */
@ApplicationModule(allowedDependencies = {"platform", "channel", "ratelimit"})
@NullMarked
package dev.postrider.app;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
