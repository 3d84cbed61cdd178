package dev.postrider.webhook;

import dev.postrider.app.AppId;
import dev.postrider.event.EventType;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where an application wants to be told of its events.
 *
 * @param types which events; all when empty
 * @param perSecond at most so many deliveries in a second; null for no limit
 * @param trusted set up by the operator, so that it may be private and without TLS
 * @param secrets the current one first; none where they do not open with this master key
 * @param cursor the number of the next event it has not been given yet
 * @param failingSince since when nothing was taken at its URL; null when the latest delivery was,
 *     and when nothing is left that was not
 * @param disabledAt since when nothing is delivered; null while it is enabled
 * @param disabledWhy by hand, or what the endpoint did
 */
record Endpoint(
    long id,
    AppId app,
    String url,
    @Nullable String description,
    Set<EventType> types,
    @Nullable Integer perSecond,
    boolean trusted,
    List<SigningSecret> secrets,
    long cursor,
    @Nullable Instant failingSince,
    @Nullable Instant disabledAt,
    @Nullable String disabledWhy,
    Instant createdAt) {

  /** Far below those of applications' own work, which are theirs with a minus. */
  private static final long LANES = -(1L << 40);

  long lane() {
    return lane(id);
  }

  /** Whether the other one is told of the same, in the same way, at the same place. */
  boolean isToldAlike(Endpoint other) {
    return url.equals(other.url)
        && trusted == other.trusted
        && types.equals(other.types)
        && Objects.equals(perSecond, other.perSecond)
        && secrets.equals(other.secrets)
        && (disabledAt == null) == (other.disabledAt == null);
  }

  static long lane(long id) {
    return LANES - id;
  }
}
