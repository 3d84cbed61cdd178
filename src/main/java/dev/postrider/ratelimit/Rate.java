package dev.postrider.ratelimit;

import java.time.Duration;

/**
 * So many at once, and as many again, evenly, in each window (a token bucket); or so many a day.
 *
 * @param name what callers see in {@code RateLimit} and {@code RateLimit-Policy}
 * @param daily all of it comes back at midnight UTC, and nothing before
 */
public record Rate(String name, long limit, Duration window, boolean daily) {}
