package dev.postrider.app;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An identity an application sends from.
 *
 * @param settings the provider's settings, by name
 * @param credentialNames which credentials are stored; their values are never shown
 * @param trusted set up by the operator, so that it may reach private addresses
 * @param policy how fast it sends and how its messages are retried, as it was written
 * @param pausedAt since when nothing of it is sent; null when it is not paused
 */
public record Sender(
    SenderId id,
    AppId app,
    String provider,
    @Nullable String address,
    @Nullable String name,
    Map<String, String> settings,
    List<String> credentialNames,
    boolean isDefault,
    boolean trusted,
    SenderPolicy.Document policy,
    @Nullable Instant pausedAt,
    Instant createdAt) {}
