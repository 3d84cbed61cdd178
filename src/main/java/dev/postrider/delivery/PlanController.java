package dev.postrider.delivery;

import dev.postrider.app.AppId;
import dev.postrider.app.Apps;
import dev.postrider.channel.ApprovedTemplate;
import dev.postrider.channel.Provider;
import dev.postrider.channel.Providers;
import dev.postrider.channel.Segments;
import dev.postrider.message.BatchRequest;
import dev.postrider.message.Message;
import dev.postrider.message.MessageRequest;
import dev.postrider.message.PlanMessages;
import dev.postrider.platform.Envelope;
import dev.postrider.platform.FieldError;
import dev.postrider.platform.web.Access;
import dev.postrider.platform.web.Body;
import dev.postrider.platform.web.HeavyReads;
import dev.postrider.platform.web.JsonBody;
import dev.postrider.platform.web.RequestEnd;
import dev.postrider.template.Allowance;
import dev.postrider.template.TemplateRef;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** What would become of messages, without sending them. */
@RestController
@RequestMapping("/api/messages/{appId}/plan")
@Tag(name = "Messages")
class PlanController {
  private final PlanMessages plan;
  private final PlanDeliveries deliveries;
  private final Apps apps;
  private final Providers providers;
  private final HeavyReads reads;

  PlanController(
      PlanMessages plan,
      PlanDeliveries deliveries,
      Apps apps,
      Providers providers,
      HeavyReads reads) {
    this.providers = providers;
    this.plan = plan;
    this.deliveries = deliveries;
    this.apps = apps;
    this.reads = reads;
  }

  /**
   * What would become of one message.
   *
   * @param recipient in the form its provider uses
   * @param text as it would be sent; subject and html likewise
   * @param sms what an SMS would take; null for anything else
   * @param template what its words come from
   * @param leavesAt about when it would leave, if nothing else is posted meanwhile; null when
   *     somebody would have to resume something first, or when it would expire
   * @param holds what would hold it back
   * @param errors why it would be refused; empty when it would be accepted
   */
  record PlannedView(
      int index,
      boolean accepted,
      @Nullable String recipient,
      @Nullable Long senderId,
      @Nullable String provider,
      @Nullable String text,
      @Nullable String subject,
      @Nullable String html,
      @Nullable ApprovedTemplate whatsappTemplate,
      @Nullable SmsView sms,
      @Nullable TemplateRef template,
      @Nullable String priority,
      @Nullable Instant expiresAt,
      @Nullable Instant leavesAt,
      List<HoldView> holds,
      List<FieldError> errors) {}

  /**
   * An SMS as carriers count it.
   *
   * @param encoding "GSM-7", or "UCS-2" where a character needs it
   * @param segments how many it is sent, and charged, as
   * @param units the septets or 16-bit units it takes of them
   */
  record SmsView(
      @Schema(allowableValues = {"GSM-7", "UCS-2"}) String encoding, int segments, int units) {
    static SmsView of(Segments segments) {
      return new SmsView(segments.encoding().word(), segments.count(), segments.units());
    }
  }

  /**
   * What would become of a request.
   *
   * @param retryAfterSeconds how long the application's limits would make the caller wait before
   *     the request is let in; 0 when they would let it in now
   * @param limited why they never would; null when they would
   * @param lastLeavesAt when the last of those that leave would leave
   */
  record PlanView(
      int accepted,
      int refused,
      long retryAfterSeconds,
      @Nullable String limited,
      @Nullable Instant lastLeavesAt,
      List<PlannedView> messages) {}

  @Access(Access.Who.APP)
  @PostMapping
  @Operation(
      summary = "Plan messages without sending them",
      description =
          "Takes what POST …/batch takes and stores nothing. Says who would get what through which"
              + " sender, what would be refused and why, what would hold each message back, and about"
              + " when the last would leave.")
  @JsonBody(BatchRequest.class)
  Envelope<PlanView> plan(@PathVariable long appId, HttpServletRequest request) {
    byte[] body = Body.json(request, Body.BATCH);
    List<Supplier<MessageRequest>> items = BatchRequest.items(body);
    Allowance allowance = plan.allowance(new AppId(appId));
    RequestEnd.then(allowance::close); // the answer holds all of it
    PlanMessages.Plan planned = plan.plan(new AppId(appId), items, allowance);
    List<PlanDeliveries.Departure> departures =
        reads.run(appId, () -> deliveries.departures(planned.messages()));
    List<PlannedView> views = new ArrayList<>();
    for (int i = 0; i < items.size(); i++) {
      views.add(view(i, planned.messages().get(i), departures.get(i)));
    }
    int accepted = (int) views.stream().filter(PlannedView::accepted).count();
    Instant last =
        views.stream()
            .map(PlannedView::leavesAt)
            .filter(Objects::nonNull)
            .max(Comparator.naturalOrder())
            .orElse(null);
    return Envelope.of(
        accepted + " would be accepted, " + (items.size() - accepted) + " refused",
        new PlanView(
            accepted,
            items.size() - accepted,
            planned.retryAfter().plusMillis(999).toSeconds(),
            planned.limited(),
            last,
            views));
  }

  private PlannedView view(
      int index, PlanMessages.Planned planned, PlanDeliveries.Departure departure) {
    Message message = planned.message();
    if (message == null) {
      return new PlannedView(
          index,
          false,
          null,
          null,
          null,
          null,
          null,
          null,
          null,
          null,
          null,
          null,
          null,
          null,
          List.of(),
          planned.errors());
    }
    Provider provider =
        apps.sender(message.sender()).map(it -> providers.of(it.account())).orElse(null);
    return new PlannedView(
        index,
        true,
        message.recipient(),
        message.sender().value(),
        provider == null ? null : provider.name(),
        message.content().text(),
        message.content().subject(),
        message.content().html(),
        message.content().approved(),
        provider == null
            ? null
            : provider.segments(message.content()).map(SmsView::of).orElse(null),
        message.template(),
        message.priority().word(),
        message.expiresAt(),
        departure.at(),
        departure.holds().stream().map(HoldView::of).toList(),
        List.of());
  }
}
