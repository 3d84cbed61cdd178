package dev.postrider.app;

import dev.postrider.platform.Envelope;
import dev.postrider.platform.Json;
import dev.postrider.platform.ProblemException;
import dev.postrider.platform.Slice;
import dev.postrider.platform.idempotency.Idempotency;
import dev.postrider.platform.secret.Cursors;
import dev.postrider.platform.web.Access;
import dev.postrider.platform.web.Answers;
import dev.postrider.platform.web.Body;
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
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Senders. {@code /phone-numbers} is the same resource under the brief's name. */
@RestController
@RequestMapping({"/api/applications/{appId}/senders", "/api/applications/{appId}/phone-numbers"})
@Tag(name = "Senders")
class SenderController {
  private final EditSenders edit;
  private final SenderStore store;
  private final AppStore apps;
  private final Idempotency idempotency;
  private final Cursors cursors;
  private final HeavyReads reads;

  SenderController(
      EditSenders edit,
      SenderStore store,
      AppStore apps,
      Idempotency idempotency,
      Cursors cursors,
      HeavyReads reads) {
    this.cursors = cursors;
    this.reads = reads;
    this.edit = edit;
    this.store = store;
    this.apps = apps;
    this.idempotency = idempotency;
  }

  /** A sender as it is asked for; in a change, what is absent stays. */
  record SenderRequest(
      @Nullable String provider,
      @Nullable String address,
      @Nullable String name,
      @Nullable Map<String, Object> settings,
      @Nullable Map<String, String> credentials,
      @Nullable Boolean isDefault) {}

  /** A sender as it is shown: of its credentials, only which ones there are. */
  record SenderView(
      long senderId,
      String provider,
      @Nullable String address,
      @Nullable String name,
      Map<String, String> settings,
      List<String> credentials,
      boolean isDefault,
      Instant createdAt) {
    static SenderView of(Sender sender) {
      return new SenderView(
          sender.id().value(),
          sender.provider(),
          sender.address(),
          sender.name(),
          sender.settings(),
          sender.credentialNames(),
          sender.isDefault(),
          sender.createdAt());
    }
  }

  @Access(Access.Who.APP)
  @PostMapping
  @Operation(
      summary = "Add a sender",
      description =
          "A sender set up with the operator's key may reach private addresses; one set up with an"
              + " application's key may not. The first sender of an application is its default.")
  @JsonBody(SenderRequest.class)
  @Creates(SenderView.class)
  void create(@PathVariable long appId, HttpServletRequest request, HttpServletResponse response) {
    AppId app = required(appId);
    byte[] body = Body.json(request, Body.SINGLE);
    boolean trusted = AccessInterceptor.caller(request).isOperator();
    Answers.send(
        response,
        idempotency.once(
            Answers.key(request, appId, body),
            () -> {
              Sender sender = edit.add(app, change(Json.read(body, SenderRequest.class)), trusted);
              return Answers.created(
                  "/api/applications/" + app + "/senders/" + sender.id(),
                  Envelope.of("Sender created successfully", SenderView.of(sender)));
            }));
  }

  @Access(Access.Who.APP)
  @GetMapping
  @Operation(summary = "List an application's senders")
  Envelope<Envelope.Page<SenderView>> list(
      @PathVariable long appId,
      @RequestParam(required = false) @Nullable Integer limit,
      @RequestParam(required = false) @Nullable String cursor) {
    AppId app = required(appId);
    int size = LimitedList.limit(limit);
    String list = "senders/" + appId;
    long after = cursors.decode(list, cursor, 0);
    Slice<Sender> found = reads.page(appId, () -> store.list(app, after, size));
    return Envelope.of("Senders", cursors.page(list, found, SenderView::of, it -> it.id().value()));
  }

  @Access(Access.Who.APP)
  @GetMapping("/{senderId}")
  @Operation(summary = "Show a sender")
  Envelope<SenderView> show(@PathVariable long appId, @PathVariable long senderId) {
    return Envelope.of("Sender", SenderView.of(sender(appId, senderId)));
  }

  @Access(Access.Who.APP)
  @PatchMapping("/{senderId}")
  @Operation(
      summary = "Change a sender",
      description =
          "What is absent stays. Settings and credentials replace the stored ones as a whole.")
  @JsonBody(SenderRequest.class)
  Envelope<SenderView> change(
      @PathVariable long appId, @PathVariable long senderId, HttpServletRequest request) {
    SenderRequest wanted = Json.read(Body.json(request, Body.SINGLE), SenderRequest.class);
    boolean trusted = AccessInterceptor.caller(request).isOperator();
    Sender changed = edit.change(required(appId), new SenderId(senderId), change(wanted), trusted);
    return Envelope.of("Sender changed", SenderView.of(changed));
  }

  @Access(Access.Who.APP)
  @DeleteMapping("/{senderId}")
  @Operation(
      summary = "Delete a sender",
      description = "Messages that still wait for it fail with code sender_deleted.")
  Envelope<Void> delete(@PathVariable long appId, @PathVariable long senderId) {
    edit.delete(sender(appId, senderId));
    return Envelope.of("Sender deleted", null);
  }

  private static EditSenders.Change change(SenderRequest wanted) {
    return new EditSenders.Change(
        wanted.provider(),
        wanted.address(),
        wanted.name(),
        wanted.settings(),
        wanted.credentials(),
        wanted.isDefault());
  }

  private AppId required(long appId) {
    return apps.find(new AppId(appId))
        .orElseThrow(() -> ProblemException.notFound("application"))
        .id();
  }

  private Sender sender(long appId, long senderId) {
    return store
        .find(required(appId), new SenderId(senderId))
        .orElseThrow(() -> ProblemException.notFound("sender"));
  }
}
