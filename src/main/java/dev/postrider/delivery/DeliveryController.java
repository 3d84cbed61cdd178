package dev.postrider.delivery;

import dev.postrider.app.AppId;
import dev.postrider.platform.Envelope;
import dev.postrider.platform.secret.Cursors;
import dev.postrider.platform.web.Access;
import dev.postrider.platform.web.HeavyReads;
import dev.postrider.platform.web.LimitedList;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Why a message is where it is, and what was tried. */
@RestController
@RequestMapping("/api/messages/{appId}/{messageId}")
@Tag(name = "Messages")
class DeliveryController {
  private final ExplainMessage explain;
  private final Cursors cursors;
  private final HeavyReads reads;

  DeliveryController(ExplainMessage explain, Cursors cursors, HeavyReads reads) {
    this.explain = explain;
    this.cursors = cursors;
    this.reads = reads;
  }

  /** An attempt as it is shown. */
  record AttemptView(
      int attempt,
      Instant startedAt,
      Instant finishedAt,
      String outcome,
      @Nullable String code,
      @Nullable String detail,
      @Nullable Instant retryAt,
      @Nullable String providerMessageId) {
    static AttemptView of(Attempt attempt) {
      return new AttemptView(
          attempt.number(),
          attempt.startedAt(),
          attempt.finishedAt(),
          attempt.outcome().word(),
          attempt.code(),
          attempt.detail(),
          attempt.retryAt(),
          attempt.providerMessageId());
    }
  }

  @Access(Access.Who.APP)
  @GetMapping("/explain")
  @Operation(
      summary = "Explain a message",
      description =
          "In a few sentences and in fields: why it is where it is, when it moves next, what holds"
              + " it, and whether it may have arrived already.")
  Envelope<Explanation> explain(@PathVariable long appId, @PathVariable long messageId) {
    // It counts what goes before the message.
    Explanation explanation = reads.run(appId, () -> explain.explain(new AppId(appId), messageId));
    return Envelope.of(explanation.because(), explanation);
  }

  @Access(Access.Who.APP)
  @GetMapping("/attempts")
  @Operation(summary = "A message's attempts")
  Envelope<Envelope.Page<AttemptView>> attempts(
      @PathVariable long appId,
      @PathVariable long messageId,
      @RequestParam(required = false) @Nullable Integer limit,
      @RequestParam(required = false) @Nullable String cursor) {
    int size = LimitedList.limit(limit);
    String list = "attempts/" + messageId;
    List<Attempt> found =
        explain.attempts(new AppId(appId), messageId, cursors.decode(list, cursor, 0), size + 1);
    return Envelope.of(
        "Attempts", cursors.page(list, found, size, AttemptView::of, Attempt::number));
  }
}
