/**
 * The ways out: the {@link dev.postrider.channel.Provider} port and the providers behind it. A
 * provider turns one outbound message into one call and the answer into one of four; it decides
 * nothing about retries and knows neither the queue nor the database.
 */
@ApplicationModule(allowedDependencies = {"platform"})
@NullMarked
package dev.postrider.channel;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
