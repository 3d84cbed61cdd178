package dev.postrider.app;

import dev.postrider.platform.Envelope;
import dev.postrider.platform.Json;
import dev.postrider.platform.ProblemException;
import dev.postrider.platform.Violations;
import dev.postrider.platform.web.Access;
import dev.postrider.platform.web.Body;
import dev.postrider.platform.web.JsonBody;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** What applications and senders may do and when: their policies, and whether they are paused. */
@RestController
@RequestMapping("/api/applications/{appId}")
@Tag(name = "Policies")
class PolicyController {
  private final AppStore appStore;
  private final SenderStore senderStore;
  private final Apps apps;

  PolicyController(AppStore appStore, SenderStore senderStore, Apps apps) {
    this.appStore = appStore;
    this.senderStore = senderStore;
    this.apps = apps;
  }

  /** Whether it is paused; both it and its application must run for anything to be sent. */
  record Paused(boolean paused) {}

  @Access(Access.Who.APP)
  @GetMapping("/policy")
  @Operation(summary = "Show an application's policy")
  Envelope<AppPolicy.Document> appPolicy(@PathVariable long appId) {
    return Envelope.of("Policy", app(appId).policy());
  }

  @Access(Access.Who.ADMIN)
  @PutMapping("/policy")
  @Operation(
      summary = "Set an application's policy",
      description = "Replaces the whole of it; what is absent is not limited.")
  @JsonBody(AppPolicy.Document.class)
  Envelope<AppPolicy.Document> setAppPolicy(@PathVariable long appId, HttpServletRequest request) {
    AppPolicy.Document wanted =
        Json.read(Body.json(request, Body.SINGLE), AppPolicy.Document.class);
    Violations violations = new Violations();
    wanted.checked(violations);
    violations.throwIfAny();
    App app = app(appId);
    appStore.setPolicy(app.id(), wanted);
    apps.forget(app.id());
    return Envelope.of("Policy set", wanted);
  }

  @Access(Access.Who.APP)
  @GetMapping("/senders/{senderId}/policy")
  @Operation(summary = "Show a sender's policy")
  Envelope<SenderPolicy.Document> senderPolicy(
      @PathVariable long appId, @PathVariable long senderId) {
    return Envelope.of("Policy", sender(appId, senderId).policy());
  }

  @Access(Access.Who.APP)
  @PutMapping("/senders/{senderId}/policy")
  @Operation(
      summary = "Set a sender's policy",
      description = "Replaces the whole of it; what is absent is as its application says.")
  @JsonBody(SenderPolicy.Document.class)
  Envelope<SenderPolicy.Document> setSenderPolicy(
      @PathVariable long appId, @PathVariable long senderId, HttpServletRequest request) {
    SenderPolicy.Document wanted =
        Json.read(Body.json(request, Body.SINGLE), SenderPolicy.Document.class);
    Violations violations = new Violations();
    wanted.checked(violations);
    violations.throwIfAny();
    Sender sender = sender(appId, senderId);
    senderStore.setPolicy(sender.app(), sender.id(), wanted);
    apps.forget(sender.app(), sender.id());
    return Envelope.of("Policy set", wanted);
  }

  @Access(Access.Who.APP)
  @PostMapping("/pause")
  @Operation(
      summary = "Pause an application",
      description = "It accepts messages as before and sends none; attempts under way end.")
  Envelope<Paused> pause(@PathVariable long appId, HttpServletRequest request) {
    Body.none(request);
    return pause(appId, true);
  }

  @Access(Access.Who.APP)
  @PostMapping("/resume")
  @Operation(summary = "Resume a paused application")
  Envelope<Paused> resume(@PathVariable long appId, HttpServletRequest request) {
    Body.none(request);
    return pause(appId, false);
  }

  private Envelope<Paused> pause(long appId, boolean paused) {
    App app = app(appId);
    appStore.setPaused(app.id(), paused);
    apps.forget(app.id());
    return Envelope.of(paused ? "Application paused" : "Application resumed", new Paused(paused));
  }

  @Access(Access.Who.APP)
  @PostMapping("/senders/{senderId}/pause")
  @Operation(
      summary = "Pause a sender",
      description = "Its messages wait, and expire at their deadline; attempts under way end.")
  Envelope<Paused> pauseSender(
      @PathVariable long appId, @PathVariable long senderId, HttpServletRequest request) {
    Body.none(request);
    return pause(sender(appId, senderId), true);
  }

  @Access(Access.Who.APP)
  @PostMapping("/senders/{senderId}/resume")
  @Operation(summary = "Resume a paused sender")
  Envelope<Paused> resumeSender(
      @PathVariable long appId, @PathVariable long senderId, HttpServletRequest request) {
    Body.none(request);
    return pause(sender(appId, senderId), false);
  }

  private Envelope<Paused> pause(Sender sender, boolean paused) {
    senderStore.setPaused(sender.app(), sender.id(), paused);
    apps.forget(sender.app(), sender.id());
    return Envelope.of(paused ? "Sender paused" : "Sender resumed", new Paused(paused));
  }

  private App app(long appId) {
    return appStore
        .find(new AppId(appId))
        .orElseThrow(() -> ProblemException.notFound("application"));
  }

  private Sender sender(long appId, long senderId) {
    return senderStore
        .find(app(appId).id(), new SenderId(senderId))
        .orElseThrow(() -> ProblemException.notFound("sender"));
  }
}
