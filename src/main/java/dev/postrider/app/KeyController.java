package dev.postrider.app;

import dev.postrider.platform.Envelope;
import dev.postrider.platform.Json;
import dev.postrider.platform.ProblemException;
import dev.postrider.platform.idempotency.Idempotency;
import dev.postrider.platform.secret.Cursors;
import dev.postrider.platform.web.Access;
import dev.postrider.platform.web.Answers;
import dev.postrider.platform.web.Body;
import dev.postrider.platform.web.Creates;
import dev.postrider.platform.web.JsonBody;
import dev.postrider.platform.web.LimitedList;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** An application's keys: issue, rotate with overlap, revoke. */
@RestController
@RequestMapping("/api/applications/{appId}/keys")
@Tag(name = "API keys")
class KeyController {
  private static final Duration OVERLAP = Duration.ofHours(24);
  private static final Duration LONGEST_OVERLAP = Duration.ofDays(7);

  private final ApiKeys keys;
  private final AppStore apps;
  private final Idempotency idempotency;
  private final Cursors cursors;

  KeyController(ApiKeys keys, AppStore apps, Idempotency idempotency, Cursors cursors) {
    this.keys = keys;
    this.apps = apps;
    this.idempotency = idempotency;
    this.cursors = cursors;
  }

  /**
   * A new key.
   *
   * @param overlapSeconds how long the older keys stay good: a day unless given, at most seven
   */
  record NewKey(@Nullable Long overlapSeconds) {}

  /** A new key, shown once. */
  record KeyCreated(long keyId, String kid, String apiKey, Instant createdAt) {}

  @Access(Access.Who.ADMIN)
  @PostMapping
  @Operation(
      summary = "Rotate: issue a new key",
      description = "The older keys of the application expire after the overlap.")
  @JsonBody(NewKey.class)
  @Creates(KeyCreated.class)
  void rotate(@PathVariable long appId, HttpServletRequest request, HttpServletResponse response) {
    AppId app = required(appId);
    byte[] sent = Body.raw(request, Body.SINGLE);
    byte[] body = sent.length == 0 ? Json.utf8("{}") : sent;
    Answers.send(
        response,
        idempotency.once(
            Answers.key(request, 0, body),
            () -> {
              ApiKeys.Issued issued = keys.rotate(app, overlap(Json.read(body, NewKey.class)));
              KeyInfo info = issued.info();
              return Answers.created(
                  null,
                  Envelope.of(
                      "Key created; the older ones expire after the overlap",
                      new KeyCreated(
                          info.keyId(), info.kid(), issued.key().value(), info.createdAt())));
            }));
  }

  private static Duration overlap(NewKey wanted) {
    if (wanted.overlapSeconds() == null) {
      return OVERLAP;
    }
    long seconds = wanted.overlapSeconds();
    if (seconds < 0 || seconds > LONGEST_OVERLAP.toSeconds()) {
      throw ProblemException.invalid(
          "overlap_seconds", "must be from 0 to " + LONGEST_OVERLAP.toSeconds());
    }
    return Duration.ofSeconds(seconds);
  }

  @Access(Access.Who.ADMIN)
  @GetMapping
  @Operation(summary = "List an application's keys, without their secrets")
  Envelope<Envelope.Page<KeyInfo>> list(
      @PathVariable long appId,
      @RequestParam(required = false) @Nullable Integer limit,
      @RequestParam(required = false) @Nullable String cursor) {
    AppId app = required(appId);
    int size = LimitedList.limit(limit);
    String list = "keys/" + appId;
    List<KeyInfo> found = keys.list(app, cursors.decode(list, cursor, 0), size + 1);
    return Envelope.of("Keys", cursors.page(list, found, size, it -> it, KeyInfo::keyId));
  }

  @Access(Access.Who.ADMIN)
  @DeleteMapping("/{keyId}")
  @Operation(summary = "Revoke a key at once")
  Envelope<Void> revoke(@PathVariable long appId, @PathVariable long keyId) {
    if (!keys.revoke(required(appId), keyId)) {
      throw ProblemException.notFound("key");
    }
    return Envelope.of("Key revoked", null);
  }

  private AppId required(long appId) {
    return apps.find(new AppId(appId))
        .orElseThrow(() -> ProblemException.notFound("application"))
        .id();
  }
}
