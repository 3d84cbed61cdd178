package dev.postrider.webhook;

import dev.postrider.app.AccessInterceptor;
import dev.postrider.app.AppId;
import dev.postrider.app.Apps;
import dev.postrider.event.EventType;
import dev.postrider.platform.Envelope;
import dev.postrider.platform.FairRoom;
import dev.postrider.platform.Json;
import dev.postrider.platform.Overloaded;
import dev.postrider.platform.Problem;
import dev.postrider.platform.ProblemException;
import dev.postrider.platform.Timestamp;
import dev.postrider.platform.Violations;
import dev.postrider.platform.idempotency.Idempotency;
import dev.postrider.platform.secret.Cursors;
import dev.postrider.platform.web.Access;
import dev.postrider.platform.web.Answers;
import dev.postrider.platform.web.Body;
import dev.postrider.platform.web.Creates;
import dev.postrider.platform.web.HeavyReads;
import dev.postrider.platform.web.JsonBody;
import dev.postrider.platform.web.LimitedList;
import dev.postrider.webhook.NoticeStore.Range;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Endpoints: where an application is told of its events. */
@RestController
@RequestMapping("/api/webhooks/{appId}/endpoints")
@Tag(name = "Webhooks")
class EndpointController {
  private static final int DEFAULT_OVERLAP_HOURS = 24;
  private static final int MAX_OVERLAP_HOURS = 168;

  /** What one takes while its page is written, with what the receiver answered. */
  private static final int A_DELIVERY = 1200;

  private static final int MOST_COUNTED = 10_000;
  private static final int TESTS_AT_ONCE = 16;

  private final EditEndpoints edit;
  private final EndpointStore store;
  private final NoticeStore notices;
  private final DeliveryStore deliveries;
  private final WebhookClient client;
  private final Apps apps;
  private final Idempotency idempotency;
  private final Cursors cursors;
  private final HeavyReads reads;
  private final InstantSource clock;
  private final FairRoom tests = new FairRoom(TESTS_AT_ONCE);

  EndpointController(
      EditEndpoints edit,
      EndpointStore store,
      NoticeStore notices,
      DeliveryStore deliveries,
      WebhookClient client,
      Apps apps,
      Idempotency idempotency,
      Cursors cursors,
      HeavyReads reads,
      InstantSource clock) {
    this.edit = edit;
    this.store = store;
    this.notices = notices;
    this.deliveries = deliveries;
    this.client = client;
    this.apps = apps;
    this.idempotency = idempotency;
    this.cursors = cursors;
    this.reads = reads;
    this.clock = clock;
  }

  /** An endpoint as it is asked for; in a change, what is absent stays. */
  record EndpointRequest(
      @Schema(example = "https://example.com/postrider") @Nullable String url,
      @Nullable String description,
      @Schema(
              description = "All when empty or absent",
              example = "[\"message.delivered\", \"message.failed\"]")
          @Nullable List<String> eventTypes,
      @Schema(description = "At most so many deliveries in a second; 0: as many as it takes")
          @Nullable Integer perSecond,
      @Nullable Boolean enabled) {
    EditEndpoints.Wanted wanted() {
      return new EditEndpoints.Wanted(url, description, eventTypes, perSecond, enabled);
    }
  }

  /**
   * An endpoint as it is shown.
   *
   * @param nextSeq the next event it has not been given yet
   * @param waiting notices that are still to be delivered, now or after a wait; 10,000 are that or
   *     more
   * @param failingSince since when it has taken nothing; null when it took the latest delivery, and
   *     when nothing has been tried at its URL yet, or nothing is left to be
   * @param disabledWhy "by_hand", "gone" (it answered 410), or "failing" (for five days)
   */
  record EndpointView(
      long endpointId,
      String url,
      @Nullable String description,
      List<String> eventTypes,
      @Nullable Integer perSecond,
      boolean enabled,
      long nextSeq,
      int waiting,
      @Nullable Instant failingSince,
      @Nullable Instant disabledAt,
      @Nullable String disabledWhy,
      Instant createdAt) {}

  /** An endpoint with its secret, which is shown once. */
  record EndpointCreated(EndpointView endpoint, @Schema(example = "whsec_…") String secret) {}

  /** For how long the secret before goes on to sign. */
  record Rotation(
      @Schema(description = "From 0 to 168; 24 unless given") @Nullable Integer overlapHours) {}

  /** Which events: one, some, or all since a time. */
  record ReplayRequest(
      @Nullable Long seq,
      @Nullable Long fromSeq,
      @Schema(description = "The newest unless given, or as far as may be told at once")
          @Nullable Long toSeq,
      @Schema(description = "Instead of numbers: RFC 3339 with offset") @Nullable String since) {}

  /** The events that are told again, filtered by the endpoint's types as ever. */
  record ReplayView(long fromSeq, long toSeq) {}

  /** An attempt to deliver an event. */
  record DeliveryView(
      long seq,
      String eventType,
      Instant at,
      boolean delivered,
      @Nullable Integer status,
      String code,
      long tookMs,
      @Nullable String excerpt) {
    static DeliveryView of(Delivery delivery) {
      return new DeliveryView(
          delivery.seq(),
          delivery.type(),
          delivery.at(),
          delivery.isDelivered(),
          delivery.status(),
          delivery.code(),
          delivery.tookMillis(),
          delivery.excerpt());
    }
  }

  @Access(Access.Who.APP)
  @PostMapping
  @Operation(
      summary = "Add an endpoint",
      description =
          "It is told of what happens from now on, in requests signed after the Standard Webhooks"
              + " specification. The secret is shown once. With an application's key: https on port"
              + " 443 or 8443, at a public address.")
  @JsonBody(EndpointRequest.class)
  @Creates(EndpointCreated.class)
  void create(@PathVariable long appId, HttpServletRequest request, HttpServletResponse response) {
    AppId app = apps.requiredId(appId);
    byte[] body = Body.json(request, Body.SINGLE);
    boolean trusted = AccessInterceptor.caller(request).isOperator();
    EditEndpoints.Wanted wanted = Json.read(body, EndpointRequest.class).wanted();
    edit.check(wanted, trusted, true);
    Answers.send(
        response,
        idempotency.once(
            Answers.key(request, appId, body),
            () -> {
              Endpoint made = edit.add(app, wanted, trusted);
              return Answers.created(
                  "/api/webhooks/" + app + "/endpoints/" + made.id(),
                  Envelope.of("Endpoint created successfully", created(made)));
            }));
  }

  @Access(Access.Who.APP)
  @GetMapping
  @Operation(summary = "List an application's endpoints")
  Envelope<Envelope.Page<EndpointView>> list(
      @PathVariable long appId,
      @RequestParam(required = false) @Nullable Integer limit,
      @RequestParam(required = false) @Nullable String cursor) {
    AppId app = apps.requiredId(appId);
    int size = LimitedList.limit(limit);
    String list = "endpoints/" + appId;
    List<Endpoint> found = store.list(app, cursors.decode(list, cursor, 0), size + 1);
    Map<Long, Integer> waiting =
        notices.count(found.stream().map(Endpoint::id).toList(), MOST_COUNTED);
    return Envelope.of(
        "Endpoints",
        cursors.page(
            list, found, size, it -> view(it, waiting.getOrDefault(it.id(), 0)), Endpoint::id));
  }

  @Access(Access.Who.APP)
  @GetMapping("/{endpointId}")
  @Operation(summary = "Show an endpoint, and how it is doing")
  Envelope<EndpointView> show(@PathVariable long appId, @PathVariable long endpointId) {
    return Envelope.of("Endpoint", view(edit.required(apps.requiredId(appId), endpointId)));
  }

  @Access(Access.Who.APP)
  @PatchMapping("/{endpointId}")
  @Operation(
      summary = "Change an endpoint",
      description =
          "What is absent stays. Enabled again, it is told of all it has missed, as far as that is"
              + " kept.")
  @JsonBody(EndpointRequest.class)
  Envelope<EndpointView> change(
      @PathVariable long appId, @PathVariable long endpointId, HttpServletRequest request) {
    AppId app = apps.requiredId(appId);
    EndpointRequest wanted = Json.read(Body.json(request, Body.SINGLE), EndpointRequest.class);
    boolean trusted = AccessInterceptor.caller(request).isOperator();
    return Envelope.of(
        "Endpoint changed", view(edit.change(app, endpointId, wanted.wanted(), trusted)));
  }

  @Access(Access.Who.APP)
  @DeleteMapping("/{endpointId}")
  @Operation(summary = "Delete an endpoint", description = "It is told of nothing any more.")
  Envelope<Void> delete(@PathVariable long appId, @PathVariable long endpointId) {
    edit.delete(apps.requiredId(appId), endpointId);
    return Envelope.of("Endpoint deleted", null);
  }

  @Access(Access.Who.APP)
  @PostMapping("/{endpointId}/rotate")
  @Operation(
      summary = "Change an endpoint's secret",
      description = "Deliveries carry both signatures until the overlap is over.")
  @JsonBody(Rotation.class)
  @Creates(value = EndpointCreated.class, status = 200)
  void rotate(
      @PathVariable long appId,
      @PathVariable long endpointId,
      HttpServletRequest request,
      HttpServletResponse response) {
    AppId app = apps.requiredId(appId);
    byte[] body = Body.json(request, Body.SINGLE);
    Rotation wanted = Json.read(body, Rotation.class);
    int hours = wanted.overlapHours() == null ? DEFAULT_OVERLAP_HOURS : wanted.overlapHours();
    if (hours < 0 || hours > MAX_OVERLAP_HOURS) {
      throw ProblemException.invalid("overlap_hours", "must be from 0 to " + MAX_OVERLAP_HOURS);
    }
    Answers.send(
        response,
        idempotency.once(
            Answers.key(request, appId, body),
            () ->
                Answers.done(
                    Envelope.of(
                        "Secret changed",
                        created(edit.rotate(app, endpointId, Duration.ofHours(hours)))))));
  }

  @Access(Access.Who.APP)
  @PostMapping("/{endpointId}/test")
  @Operation(
      summary = "Send an endpoint a test event",
      description =
          "At once and once: endpoint.test, signed like any other. Says what it answered.")
  Envelope<DeliveryView> test(
      @PathVariable long appId, @PathVariable long endpointId, HttpServletRequest request) {
    Body.none(request);
    Endpoint endpoint = edit.required(apps.requiredId(appId), endpointId);
    if (endpoint.secrets().isEmpty()) {
      throw ProblemException.of(
          Problem.CONFLICT, "Its secrets do not open with this master key: rotate them.");
    }
    if (!tests.take(appId, 1)) {
      // A silent endpoint holds its request for seconds: not all of a node's.
      throw new Overloaded("tests");
    }
    try {
      return Envelope.of("Test sent", DeliveryView.of(sendTest(endpoint).delivery()));
    } finally {
      tests.give(appId, 1);
    }
  }

  private WebhookClient.Result sendTest(Endpoint endpoint) {
    String type = "endpoint.test";
    return client.deliver(
        client.target(endpoint),
        new WebhookClient.Payload(
            "test_" + UUID.randomUUID(),
            0,
            type,
            Map.of(
                "type",
                type,
                "timestamp",
                clock.instant(),
                "data",
                Map.of("app_id", endpoint.app().value(), "endpoint_id", endpoint.id())),
            null));
  }

  @Access(Access.Who.APP)
  @PostMapping("/{endpointId}/replay")
  @Operation(
      summary = "Tell an endpoint again",
      description =
          "One event (seq), some (from_seq to to_seq), or all since a time; at most 100,000 at once,"
              + " and the answer says which. With the same webhook-id as before: a receiver that has"
              + " seen one ignores it.")
  @JsonBody(ReplayRequest.class)
  @Creates(value = ReplayView.class, status = 200)
  void replay(
      @PathVariable long appId,
      @PathVariable long endpointId,
      HttpServletRequest request,
      HttpServletResponse response) {
    AppId app = apps.requiredId(appId);
    edit.required(app, endpointId);
    byte[] body = Body.json(request, Body.SINGLE);
    ReplayRequest wanted = Json.read(body, ReplayRequest.class);
    String field = wanted.seq() != null ? "seq" : wanted.since() != null ? "since" : "from_seq";
    Answers.send(
        response,
        idempotency.once(
            Answers.key(request, appId, body),
            () -> {
              Range range = edit.replay(app, endpointId, field, from(app, wanted), to(wanted));
              return Answers.done(
                  Envelope.of("Replay ordered", new ReplayView(range.first(), range.last())));
            }));
  }

  private long from(AppId app, ReplayRequest wanted) {
    Violations violations = new Violations();
    long ways =
        java.util.stream.Stream.of(wanted.seq(), wanted.fromSeq(), wanted.since())
            .filter(java.util.Objects::nonNull)
            .count();
    violations.require(ways == 1, "seq", "or from_seq or since is required, and only one of them");
    violations.require(
        wanted.toSeq() == null || wanted.fromSeq() != null, "to_seq", "needs from_seq");
    violations.throwIfAny();
    if (wanted.since() != null) {
      return edit.firstSince(app, Timestamp.required("since", wanted.since()));
    }
    Long from = wanted.seq() == null ? wanted.fromSeq() : wanted.seq();
    return from == null ? 0 : from;
  }

  private static @Nullable Long to(ReplayRequest wanted) {
    return wanted.seq() != null ? wanted.seq() : wanted.toSeq();
  }

  @Access(Access.Who.APP)
  @GetMapping("/{endpointId}/deliveries")
  @Operation(summary = "What an endpoint answered, newest first")
  Envelope<Envelope.Page<DeliveryView>> deliveries(
      @PathVariable long appId,
      @PathVariable long endpointId,
      @RequestParam(name = "failed_only", defaultValue = "false") boolean failedOnly,
      @RequestParam(required = false) @Nullable Integer limit,
      @RequestParam(required = false) @Nullable String cursor) {
    Endpoint endpoint = edit.required(apps.requiredId(appId), endpointId);
    int size = LimitedList.limit(limit);
    String list = "delivery-runs/" + endpoint.id();
    long before = cursors.decode(list, cursor, Long.MAX_VALUE);
    List<DeliveryStore.Logged> found =
        reads.one(
            appId,
            () -> deliveries.newest(endpoint.id(), failedOnly, before, size + 1),
            it -> it.size() * A_DELIVERY);
    return Envelope.of(
        "Deliveries",
        cursors.page(
            list, found, size, it -> DeliveryView.of(it.delivery()), DeliveryStore.Logged::id));
  }

  private EndpointCreated created(Endpoint endpoint) {
    return new EndpointCreated(view(endpoint), endpoint.secrets().getFirst().text());
  }

  private EndpointView view(Endpoint endpoint) {
    return view(
        endpoint,
        notices.count(List.of(endpoint.id()), MOST_COUNTED).getOrDefault(endpoint.id(), 0));
  }

  private static EndpointView view(Endpoint endpoint, int waiting) {
    return new EndpointView(
        endpoint.id(),
        endpoint.url(),
        endpoint.description(),
        endpoint.types().stream().map(EventType::word).toList(),
        endpoint.perSecond(),
        endpoint.disabledAt() == null,
        endpoint.cursor(),
        waiting,
        endpoint.failingSince(),
        endpoint.disabledAt(),
        endpoint.disabledWhy(),
        endpoint.createdAt());
  }
}
