package dev.postrider.message;

import dev.postrider.app.AppId;
import dev.postrider.platform.Envelope;
import dev.postrider.platform.Json;
import dev.postrider.platform.Slice;
import dev.postrider.platform.idempotency.Idempotency;
import dev.postrider.platform.secret.Cursors;
import dev.postrider.platform.web.Access;
import dev.postrider.platform.web.Answers;
import dev.postrider.platform.web.Body;
import dev.postrider.platform.web.CorrelationFilter;
import dev.postrider.platform.web.Creates;
import dev.postrider.platform.web.HeavyReads;
import dev.postrider.platform.web.JsonBody;
import dev.postrider.platform.web.LimitedList;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Messages that failed or expired and were not sent again: found, and redriven in bulk. */
@RestController
@RequestMapping("/api/dead-letters/{appId}")
@Tag(name = "Dead letters")
class DeadLetterController {
  private final DeadLetterStore store;
  private final RedriveMessages redrive;
  private final ComposeMessage compose;
  private final Idempotency idempotency;
  private final HeavyReads reads;
  private final Cursors cursors;

  DeadLetterController(
      DeadLetterStore store,
      RedriveMessages redrive,
      ComposeMessage compose,
      Idempotency idempotency,
      HeavyReads reads,
      Cursors cursors) {
    this.store = store;
    this.redrive = redrive;
    this.compose = compose;
    this.idempotency = idempotency;
    this.reads = reads;
    this.cursors = cursors;
  }

  /**
   * How far a redrive has come.
   *
   * @param state running, done or canceled
   * @param total how many dead letters there were when it began
   * @param redriven how many were sent again, each as a new message with retry_of
   * @param skipped how many could not be: their sender was deleted, say
   */
  record RedriveView(
      long redriveId,
      DeadFilter.Document filter,
      String state,
      long total,
      long redriven,
      long skipped,
      String correlationId,
      Instant createdAt,
      @Nullable Instant endedAt) {
    static RedriveView of(Redrive redrive) {
      return new RedriveView(
          redrive.id(),
          redrive.filter(),
          redrive.state(),
          redrive.total(),
          redrive.redriven(),
          redrive.skipped(),
          redrive.correlationId(),
          redrive.createdAt(),
          redrive.endedAt());
    }
  }

  @Access(Access.Who.APP)
  @GetMapping
  @Operation(
      summary = "Find dead letters, newest first",
      description = "Messages that failed or expired and were not sent again.")
  Envelope<Envelope.Page<MessageView>> list(
      @PathVariable long appId,
      @RequestParam(required = false) @Nullable String code,
      @RequestParam(name = "sender_id", required = false) @Nullable Long senderId,
      @RequestParam(name = "campaign_id", required = false) @Nullable String campaignId,
      @RequestParam(name = "created_from", required = false) @Nullable String createdFrom,
      @RequestParam(name = "created_to", required = false) @Nullable String createdTo,
      @RequestParam(required = false) @Nullable Integer limit,
      @RequestParam(required = false) @Nullable String cursor) {
    AppId app = required(appId);
    DeadFilter filter =
        new DeadFilter.Document(code, senderId, campaignId, createdFrom, createdTo).checked();
    int size = LimitedList.limit(limit);
    String list = "dead-letters/" + appId;
    long before = cursors.decode(list, cursor, Long.MAX_VALUE);
    Slice<StoredMessage> found =
        reads.page(app.value(), () -> store.list(app, filter, before, size));
    return Envelope.of(
        "Dead letters", cursors.page(list, found, MessageView::of, it -> it.message().id()));
  }

  @Access(Access.Who.APP)
  @PostMapping("/redrive")
  @Operation(
      summary = "Send dead letters again",
      description =
          "All that the filter names and that are dead now, in the background, each as a new message"
              + " with retry_of. To send one of them again: POST /api/messages/…/retry.")
  @JsonBody(DeadFilter.Document.class)
  @Creates(RedriveView.class)
  void redrive(@PathVariable long appId, HttpServletRequest request, HttpServletResponse response) {
    AppId app = required(appId);
    byte[] body = Body.json(request, Body.SINGLE);
    DeadFilter.Document filter = Json.read(body, DeadFilter.Document.class);
    // Before the transaction: who waits for a place to read must not keep a connection meanwhile.
    DeadLetterStore.Extent extent = redrive.extent(app, filter);
    Answers.send(
        response,
        idempotency.once(
            Answers.key(request, appId, body),
            () -> {
              Redrive ordered =
                  redrive.order(app, filter, extent, CorrelationFilter.required(request).id());
              return Answers.created(
                  "/api/dead-letters/" + app + "/redrives/" + ordered.id(),
                  Envelope.of("Redrive ordered", RedriveView.of(ordered)));
            }));
  }

  @Access(Access.Who.APP)
  @GetMapping("/redrives")
  @Operation(summary = "List redrives, newest first")
  Envelope<Envelope.Page<RedriveView>> redrives(
      @PathVariable long appId,
      @RequestParam(required = false) @Nullable Integer limit,
      @RequestParam(required = false) @Nullable String cursor) {
    AppId app = required(appId);
    int size = LimitedList.limit(limit);
    String list = "redrives/" + appId;
    List<Redrive> found =
        store.redrives(app, cursors.decode(list, cursor, Long.MAX_VALUE), size + 1);
    return Envelope.of("Redrives", cursors.page(list, found, size, RedriveView::of, Redrive::id));
  }

  @Access(Access.Who.APP)
  @GetMapping("/redrives/{redriveId}")
  @Operation(summary = "Show how far a redrive has come")
  Envelope<RedriveView> show(@PathVariable long appId, @PathVariable long redriveId) {
    return Envelope.of("Redrive", RedriveView.of(redrive.required(required(appId), redriveId)));
  }

  @Access(Access.Who.APP)
  @PostMapping("/redrives/{redriveId}/cancel")
  @Operation(summary = "Stop a redrive", description = "What it has sent stays sent.")
  Envelope<RedriveView> cancel(
      @PathVariable long appId, @PathVariable long redriveId, HttpServletRequest request) {
    Body.none(request);
    return Envelope.of(
        "Redrive canceled", RedriveView.of(redrive.cancel(required(appId), redriveId)));
  }

  private AppId required(long appId) {
    return compose.profile(new AppId(appId)).app().id();
  }
}
