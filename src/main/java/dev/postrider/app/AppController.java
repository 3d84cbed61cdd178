package dev.postrider.app;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.postrider.platform.Envelope;
import dev.postrider.platform.Json;
import dev.postrider.platform.ProblemException;
import dev.postrider.platform.Violations;
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
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Applications, as the operator manages them. */
@RestController
@RequestMapping("/api/applications")
@Tag(name = "Applications")
class AppController {
  private static final String LIST = "applications";

  private final RegisterApp registerApp;
  private final AppStore store;
  private final Apps apps;
  private final ApiKeys keys;
  private final Idempotency idempotency;
  private final Cursors cursors;

  AppController(
      RegisterApp registerApp,
      AppStore store,
      Apps apps,
      ApiKeys keys,
      Idempotency idempotency,
      Cursors cursors) {
    this.registerApp = registerApp;
    this.store = store;
    this.apps = apps;
    this.keys = keys;
    this.idempotency = idempotency;
    this.cursors = cursors;
  }

  /** A new application. */
  record NewApp(@Nullable String appName, @Nullable String defaultRecipient) {}

  /** A change of an application; what is absent stays. An empty text removes the recipient. */
  record AppChange(@Nullable String appName, @Nullable String defaultRecipient) {}

  /** An application as it is shown. */
  record AppView(long appId, String appName, @Nullable String defaultRecipient, Instant createdAt) {
    static AppView of(App app) {
      return new AppView(app.id().value(), app.name(), app.defaultRecipient(), app.createdAt());
    }
  }

  /** A new application with its first key. */
  record AppCreated(
      long appId,
      String appName,
      @Nullable String defaultRecipient,
      Instant createdAt,
      @JsonProperty("api_key") String apiKey) {}

  @Access(Access.Who.ADMIN)
  @PostMapping
  @Operation(summary = "Register an application", description = "The API key is shown once.")
  @JsonBody(NewApp.class)
  @Creates(AppCreated.class)
  void create(HttpServletRequest request, HttpServletResponse response) {
    byte[] body = Body.json(request, Body.SINGLE);
    Answers.send(
        response,
        idempotency.once(
            Answers.key(request, 0, body),
            () -> {
              NewApp wanted = Json.read(body, NewApp.class);
              Violations violations = new Violations();
              String name = RegisterApp.checkName(wanted.appName(), violations);
              violations.throwIfAny();
              var registered = registerApp.register(name, wanted.defaultRecipient());
              App app = registered.app();
              return Answers.created(
                  "/api/applications/" + app.id(),
                  Envelope.of(
                      "Application created successfully",
                      new AppCreated(
                          app.id().value(),
                          app.name(),
                          app.defaultRecipient(),
                          app.createdAt(),
                          registered.key().value())));
            }));
  }

  @Access(Access.Who.ADMIN)
  @GetMapping
  @Operation(summary = "List applications")
  Envelope<Envelope.Page<AppView>> list(
      @RequestParam(required = false) @Nullable Integer limit,
      @RequestParam(required = false) @Nullable String cursor) {
    int size = LimitedList.limit(limit);
    List<App> found = store.list(cursors.decode(LIST, cursor, 0), size + 1);
    return Envelope.of(
        "Applications", cursors.page(LIST, found, size, AppView::of, it -> it.id().value()));
  }

  @Access(Access.Who.ADMIN)
  @GetMapping("/{appId}")
  @Operation(summary = "Show an application")
  Envelope<AppView> show(@PathVariable long appId) {
    return Envelope.of("Application", AppView.of(required(appId)));
  }

  @Access(Access.Who.ADMIN)
  @PatchMapping("/{appId}")
  @Operation(summary = "Change an application")
  @JsonBody(AppChange.class)
  Envelope<AppView> change(@PathVariable long appId, HttpServletRequest request) {
    AppChange change = Json.read(Body.json(request, Body.SINGLE), AppChange.class);
    App app = required(appId);
    Violations violations = new Violations();
    String name =
        change.appName() == null ? null : RegisterApp.checkName(change.appName(), violations);
    violations.throwIfAny();
    String recipient = change.defaultRecipient();
    if (recipient != null && !recipient.isEmpty()) {
      recipient = RegisterApp.recipient(recipient);
    }
    App changed = store.update(app.id(), name, recipient).orElseThrow(RegisterApp::nameTaken);
    apps.forget(app.id());
    return Envelope.of("Application changed", AppView.of(changed));
  }

  @Access(Access.Who.ADMIN)
  @DeleteMapping("/{appId}")
  @Operation(
      summary = "Delete an application",
      description =
          "Its keys stop working and it accepts nothing more; what it had accepted is still sent.")
  Envelope<Void> delete(@PathVariable long appId) {
    AppId id = new AppId(appId);
    if (!store.delete(id)) {
      throw ProblemException.notFound("application");
    }
    apps.forget(id);
    keys.forget();
    return Envelope.of("Application deleted", null);
  }

  private App required(long appId) {
    return store.find(new AppId(appId)).orElseThrow(() -> ProblemException.notFound("application"));
  }
}
