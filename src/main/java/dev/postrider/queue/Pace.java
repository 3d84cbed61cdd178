package dev.postrider.queue;

import java.time.Duration;

/**
 * How fast a lane may start its jobs, on all nodes together.
 *
 * @param interval from one start to the next
 * @param jitter up to so much is added to each interval, at random
 */
public record Pace(Duration interval, Duration jitter) {}
