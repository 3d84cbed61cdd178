package dev.postrider.message;

import dev.postrider.app.AccessInterceptor;
import dev.postrider.app.AppId;
import dev.postrider.app.AppLimits;
import dev.postrider.app.Apps;
import dev.postrider.app.SenderId;
import dev.postrider.message.AcceptMessages.AcceptUnit;
import dev.postrider.platform.Envelope;
import dev.postrider.platform.FieldError;
import dev.postrider.platform.Json;
import dev.postrider.platform.Overloaded;
import dev.postrider.platform.Problem;
import dev.postrider.platform.ProblemException;
import dev.postrider.platform.Slice;
import dev.postrider.platform.Timestamp;
import dev.postrider.platform.Violations;
import dev.postrider.platform.idempotency.Idempotency;
import dev.postrider.platform.idempotency.IdempotencyKey;
import dev.postrider.platform.idempotency.StoredAnswer;
import dev.postrider.platform.secret.Cursors;
import dev.postrider.platform.web.Access;
import dev.postrider.platform.web.Answers;
import dev.postrider.platform.web.Body;
import dev.postrider.platform.web.CorrelationFilter;
import dev.postrider.platform.web.Creates;
import dev.postrider.platform.web.HeavyReads;
import dev.postrider.platform.web.JsonBody;
import dev.postrider.platform.web.LimitedList;
import dev.postrider.ratelimit.Taken;
import dev.postrider.template.Allowance;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Messages: accept, find, call back. */
@RestController
@RequestMapping("/api/messages/{appId}")
@Tag(name = "Messages")
class MessageController {
  private static final Logger log = LoggerFactory.getLogger(MessageController.class);

  private final ComposeMessage compose;
  private final AcceptMessages accept;
  private final AppLimits limits;
  private final CancelMessage cancel;
  private final MessageStore store;
  private final ContentRoom room;
  private final HeavyReads reads;
  private final Cursors cursors;

  MessageController(
      ComposeMessage compose,
      AcceptMessages accept,
      AppLimits limits,
      CancelMessage cancel,
      MessageStore store,
      ContentRoom room,
      HeavyReads reads,
      Cursors cursors) {
    this.room = room;
    this.reads = reads;
    this.compose = compose;
    this.accept = accept;
    this.limits = limits;
    this.cancel = cancel;
    this.store = store;
    this.cursors = cursors;
  }

  /** What became of an accepted message. */
  record Accepted(long messageId, String status) {}

  /** One result of a batch, in the order of the request. */
  record BatchResult(
      int index,
      boolean success,
      @Nullable Long messageId,
      @Nullable String status,
      @Nullable String code,
      @Nullable List<FieldError> errors) {}

  /** The results of a batch. */
  record BatchResults(int accepted, int refused, List<BatchResult> results) {}

  /** A new time for a message that waits. */
  record Reschedule(
      @Schema(
              description = "RFC 3339 with offset; or without one, by the clock of time_zone",
              example = "2026-12-24T18:00:00+01:00")
          @Nullable String scheduledFor,
      @Nullable String timeZone,
      @Schema(description = "A new deadline; without it or ttl_seconds, the old one stays")
          @Nullable String expiresAt,
      @Schema(description = "Instead of expires_at: so many seconds after it is due")
          @Nullable Long ttlSeconds) {}

  @Access(Access.Who.APP)
  @PostMapping
  @Operation(
      summary = "Send a message",
      description =
          "Answered only after the message is durable. Safe to repeat with Idempotency-Key.")
  @JsonBody(MessageRequest.class)
  @Creates(Accepted.class)
  void send(@PathVariable long appId, HttpServletRequest request, HttpServletResponse response) {
    byte[] body = Body.json(request, Body.SINGLE);
    IdempotencyKey key = Answers.key(request, appId, body);
    accept(
        appId,
        key,
        response,
        (profile, allowance) -> {
          Message message =
              compose.compose(
                  profile,
                  Json.read(body, MessageRequest.class).draft(),
                  CorrelationFilter.required(request),
                  allowance);
          return new AcceptUnit(key, created(message), List.of(message));
        });
  }

  /** Accepts what is composed, within the application's limits. */
  private void accept(
      long appId,
      @Nullable IdempotencyKey key,
      HttpServletResponse response,
      BiFunction<Apps.Profile, Allowance, AcceptUnit> composed) {
    AtomicInteger taken = new AtomicInteger();
    AtomicReference<@Nullable Taken> limit = new AtomicReference<>();
    Idempotency.Outcome outcome;
    try (Allowance allowance = compose.allowance(new AppId(appId))) {
      outcome =
          accepted(
              appId,
              key,
              taken,
              () -> {
                Apps.Profile profile = compose.profile(new AppId(appId));
                AcceptUnit unit = composed.apply(profile, allowance);
                int count = unit.messages().size();
                if (count > 0 && !profile.policy().messages().isEmpty()) {
                  Taken left = limits.messages(profile, count);
                  limit.set(left);
                  if (!left.granted()) {
                    AccessInterceptor.show(left, response);
                  }
                  AppLimits.check(left, "messages");
                  taken.set(count);
                }
                return unit;
              });
    }
    Taken left = limit.get();
    if (outcome.replayed()) {
      // It costs nothing, and says nothing of what is left.
      giveBack(appId, taken.get());
    } else if (left != null) {
      AccessInterceptor.show(left, response);
    }
    Answers.send(response, outcome);
  }

  /** What was not stored costs nothing. */
  private Idempotency.Outcome accepted(
      long appId, @Nullable IdempotencyKey key, AtomicInteger taken, Supplier<AcceptUnit> unit) {
    try {
      return accept.accept(key, unit);
    } catch (RuntimeException e) {
      if (AcceptMessages.storedNothing(e)) {
        giveBackIfPossible(appId, taken.get());
      }
      throw e;
    }
  }

  /** After a failure, which may be why this fails, too; what was taken comes back with time. */
  private void giveBackIfPossible(long appId, int taken) {
    try {
      giveBack(appId, taken);
    } catch (RuntimeException e) {
      log.atDebug().addKeyValue("app_id", appId).setCause(e).log("limits.not_given_back");
    }
  }

  private void giveBack(long appId, int taken) {
    if (taken > 0) {
      limits.giveBack(compose.profile(new AppId(appId)), taken);
    }
  }

  private static StoredAnswer created(Message message) {
    return Answers.created(
        "/api/messages/" + message.app() + "/" + message.id(),
        Envelope.of(
            "Message created successfully", new Accepted(message.id(), firstStatus(message))));
  }

  private static String firstStatus(Message message) {
    return message.scheduledFor() == null ? "pending" : "scheduled";
  }

  @Access(Access.Who.APP)
  @PostMapping("/batch")
  @Operation(
      summary = "Send up to 1000 messages",
      description = "One result each, in order. Those that are valid are committed together.")
  @JsonBody(BatchRequest.class)
  @Creates(value = BatchResults.class, partly = true)
  void sendBatch(
      @PathVariable long appId, HttpServletRequest request, HttpServletResponse response) {
    byte[] body = Body.json(request, Body.BATCH);
    IdempotencyKey key = Answers.key(request, appId, body);
    accept(
        appId,
        key,
        response,
        (profile, allowance) ->
            batch(
                body,
                key,
                item ->
                    compose.compose(
                        profile,
                        item.get().draft(),
                        CorrelationFilter.required(request),
                        allowance)));
  }

  private static AcceptUnit batch(
      byte[] body,
      @Nullable IdempotencyKey key,
      Function<Supplier<MessageRequest>, Message> compose) {
    List<Supplier<MessageRequest>> items = BatchRequest.items(body);
    List<Message> messages = new ArrayList<>();
    List<BatchResult> results = new ArrayList<>();
    Complaints complaints = new Complaints();
    for (int i = 0; i < items.size(); i++) {
      results.add(item(i, items.get(i), compose, messages, complaints));
    }
    List<FieldError> why = results.getFirst().errors();
    if (why != null
        && results.stream().allMatch(it -> Problem.UNAVAILABLE.code().equals(it.code()))) {
      // Not the caller's fault, so not a 422, which nobody sends again.
      throw ProblemException.unavailable(why.getFirst());
    }
    int refused = items.size() - messages.size();
    // With nothing to store the key stays free for a request that is mended.
    int status = messages.isEmpty() ? Problem.VALIDATION_FAILED.status() : 201;
    StoredAnswer answer =
        new StoredAnswer(
            status,
            null,
            Json.bytes(
                new Envelope<>(
                    !messages.isEmpty(),
                    messages.size() + " accepted, " + refused + " refused",
                    new BatchResults(messages.size(), refused, results))));
    return new AcceptUnit(key, answer, messages);
  }

  private static BatchResult item(
      int index,
      Supplier<MessageRequest> item,
      Function<Supplier<MessageRequest>, Message> compose,
      List<Message> messages,
      Complaints complaints) {
    try {
      Message message = compose.apply(item);
      messages.add(message);
      return new BatchResult(index, true, message.id(), firstStatus(message), null, null);
    } catch (ProblemException e) {
      return new BatchResult(index, false, null, null, e.problem().code(), complaints.of(e));
    }
  }

  @Access(Access.Who.APP)
  @GetMapping
  @Operation(
      summary = "Find messages, newest first",
      description =
          "By message_id. Each node takes ids from a block of its own, so across nodes the order is"
              + " only roughly that of time: what is new is found with created_from.")
  Envelope<Envelope.Page<MessageView>> list(
      @PathVariable long appId,
      @RequestParam(required = false) @Nullable String status,
      @RequestParam(required = false) @Nullable String recipient,
      @RequestParam(name = "sender_id", required = false) @Nullable Long senderId,
      @RequestParam(name = "correlation_id", required = false) @Nullable String correlationId,
      @RequestParam(name = "campaign_id", required = false) @Nullable String campaignId,
      @RequestParam(name = "created_from", required = false) @Nullable String createdFrom,
      @RequestParam(name = "created_to", required = false) @Nullable String createdTo,
      @RequestParam(required = false) @Nullable Integer limit,
      @RequestParam(required = false) @Nullable String cursor) {
    AppId app = compose.profile(new AppId(appId)).app().id();
    int size = LimitedList.limit(limit);
    checkParameter("recipient", recipient);
    checkParameter("correlation_id", correlationId);
    checkParameter("campaign_id", campaignId);
    MessageStore.Filter filter =
        new MessageStore.Filter(
            status == null ? null : status(status),
            recipient,
            senderId == null ? null : new SenderId(senderId),
            correlationId,
            campaignId,
            time("created_from", createdFrom),
            time("created_to", createdTo));
    String list = "messages/" + appId;
    long before = cursors.decode(list, cursor, Long.MAX_VALUE);
    Slice<StoredMessage> found =
        reads.page(app.value(), () -> store.list(app, filter, before, size));
    return Envelope.of(
        "Messages", cursors.page(list, found, MessageView::of, it -> it.message().id()));
  }

  private static void checkParameter(String name, @Nullable String value) {
    Violations violations = new Violations();
    violations.line(name, value, 254);
    violations.throwIfAny();
  }

  private static MessageStatus status(String word) {
    return MessageStatus.parse(word)
        .orElseThrow(() ->
            ProblemException.invalid(
                "status",
                "must be one of "
                    + String.join(
                        ", ",
                        List.of(MessageStatus.values()).stream()
                            .map(MessageStatus::word)
                            .toList())));
  }

  private static @Nullable Instant time(String name, @Nullable String text) {
    return text == null ? null : Timestamp.required(name, text);
  }

  @Access(Access.Who.APP)
  @GetMapping("/{messageId}")
  @Operation(summary = "Show a message and where it stands")
  Envelope<MessageView> show(@PathVariable long appId, @PathVariable long messageId) {
    StoredMessage stored = cancel.required(new AppId(appId), messageId);
    MessageView view = MessageView.of(stored);
    // Its reader may be slow.
    reads.keep(appId, view.characters());
    return Envelope.of("Message", view);
  }

  @Access(Access.Who.APP)
  @GetMapping("/{messageId}/logs")
  @Operation(summary = "A message's audit trail")
  Envelope<Envelope.Page<LogEntry>> logs(
      @PathVariable long appId,
      @PathVariable long messageId,
      @RequestParam(required = false) @Nullable Integer limit,
      @RequestParam(required = false) @Nullable String cursor) {
    AppId app = cancel.required(new AppId(appId), messageId).message().app();
    int size = LimitedList.limit(limit);
    String list = "logs/" + messageId;
    List<LogEntry> found = store.logs(app, messageId, cursors.decode(list, cursor, 0), size + 1);
    return Envelope.of("Audit trail", cursors.page(list, found, size, it -> it, LogEntry::version));
  }

  @Access(Access.Who.APP)
  @GetMapping("/{messageId}/metrics")
  @Operation(summary = "A message's timings")
  Envelope<MessageView.MetricsView> metrics(
      @PathVariable long appId, @PathVariable long messageId) {
    return Envelope.of(
        "Timings", MessageView.MetricsView.of(cancel.required(new AppId(appId), messageId)));
  }

  @Access(Access.Who.APP)
  @PostMapping("/{messageId}/cancel")
  @Operation(summary = "Call a message back before it is sent")
  Envelope<MessageView> cancel(
      @PathVariable long appId, @PathVariable long messageId, HttpServletRequest request) {
    Body.none(request);
    AppId app = new AppId(appId);
    reads.keep(appId, store.shownBytes(app, messageId));
    return Envelope.of("Message canceled", MessageView.of(cancel.cancel(app, messageId)));
  }

  @Access(Access.Who.APP)
  @PatchMapping("/{messageId}")
  @Operation(summary = "Move the time of a message that waits")
  @JsonBody(Reschedule.class)
  Envelope<MessageView> reschedule(
      @PathVariable long appId, @PathVariable long messageId, HttpServletRequest request) {
    Reschedule wanted = Json.read(Body.json(request, Body.SINGLE), Reschedule.class);
    if (wanted.scheduledFor() == null) {
      throw ProblemException.invalid("scheduled_for", "is required");
    }
    Timing timing =
        compose.reschedulable(
            new MessageDraft.Times(
                wanted.scheduledFor(),
                wanted.expiresAt(),
                wanted.ttlSeconds(),
                wanted.timeZone(),
                null));
    AppId app = new AppId(appId);
    reads.keep(appId, store.shownBytes(app, messageId));
    return Envelope.of(
        "Message rescheduled", MessageView.of(cancel.reschedule(app, messageId, timing)));
  }

  @Access(Access.Who.APP)
  @PostMapping("/{messageId}/retry")
  @Operation(
      summary = "Send a failed message again",
      description =
          "Creates a new message with the same content; the old one keeps its end and its story.")
  @Creates(Accepted.class)
  void retry(
      @PathVariable long appId,
      @PathVariable long messageId,
      HttpServletRequest request,
      HttpServletResponse response) {
    IdempotencyKey key = Answers.key(request, appId, Body.none(request));
    AppId app = new AppId(appId);
    room.with(
        app,
        // Bodies are bounded in sum before they are read; this comes from the database.
        store.contentBytes(app, messageId),
        () -> {
          retry(cancel.required(app, messageId).message(), key, request, response);
          return true;
        },
        () -> {
          throw new Overloaded("contents");
        });
  }

  private void retry(
      Message old,
      @Nullable IdempotencyKey key,
      HttpServletRequest request,
      HttpServletResponse response) {
    accept(
        old.app().value(),
        key,
        response,
        (_, _) -> {
          StoredMessage whole = store.findWhole(old.app(), old.id()).orElseThrow();
          Message again = compose.again(whole, CorrelationFilter.required(request));
          return new AcceptUnit(key, created(again), List.of(again));
        });
  }
}
