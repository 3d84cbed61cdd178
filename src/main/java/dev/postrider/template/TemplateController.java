package dev.postrider.template;

import com.fasterxml.jackson.annotation.JsonRawValue;
import dev.postrider.app.AppId;
import dev.postrider.app.Apps;
import dev.postrider.channel.ApprovedTemplate;
import dev.postrider.channel.Providers;
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
import dev.postrider.platform.web.HeavyReads;
import dev.postrider.platform.web.JsonBody;
import dev.postrider.platform.web.LimitedList;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Templates: written, tried, published, rolled back. */
@RestController
@RequestMapping("/api/applications/{appId}/templates")
@Tag(name = "Templates")
class TemplateController {
  /** The longest version; compiled ones are kept in memory. */
  private static final int MAX_BODY = 128 * 1024;

  private final EditTemplates edit;
  private final TemplateStore store;
  private final Templates templates;
  private final Providers providers;
  private final Apps apps;
  private final Idempotency idempotency;
  private final Cursors cursors;
  private final HeavyReads reads;

  TemplateController(
      EditTemplates edit,
      TemplateStore store,
      Templates templates,
      Providers providers,
      Apps apps,
      Idempotency idempotency,
      Cursors cursors,
      HeavyReads reads) {
    this.edit = edit;
    this.store = store;
    this.templates = templates;
    this.providers = providers;
    this.apps = apps;
    this.idempotency = idempotency;
    this.cursors = cursors;
    this.reads = reads;
  }

  /** A new template: its name, and its first draft. */
  record TemplateRequest(
      @Schema(example = "order_shipped") @Nullable String templateName,
      @Nullable String description,
      @Nullable TemplateDocument draft) {}

  /** A template as it is shown. */
  record TemplateView(
      String templateName,
      @Nullable String description,
      @Nullable Integer publishedVersion,
      @Nullable Integer draftVersion,
      Instant createdAt) {}

  /**
   * A version as it is shown.
   *
   * @param state "draft", "published", or "retired" when another one is published now
   */
  record VersionView(
      int version,
      @Schema(allowableValues = {"draft", "published", "retired"}) String state,
      @JsonRawValue @Schema(implementation = TemplateDocument.class) String document,
      Instant createdAt,
      @Nullable Instant publishedAt) {}

  /** Which version to go back to; the one published before when absent. */
  record RollBack(@Nullable Integer version) {}

  /** What to show. */
  record PreviewRequest(
      @Schema(description = "The draft unless given, or the published one where there is no draft")
          @Nullable Integer version,
      @Nullable String locale,
      @Schema(example = "whatsapp") @Nullable String channel,
      @Schema(description = "Examples stand in for those that are missing")
          @Nullable Map<String, @Nullable Object> variables) {}

  /** A rendered template. */
  record PreviewView(
      int version,
      String locale,
      @Nullable String subject,
      @Nullable String text,
      @Nullable String html,
      @Nullable ApprovedTemplate whatsappTemplate) {}

  @Access(Access.Who.APP)
  @PostMapping
  @Operation(
      summary = "Write a template",
      description = "Its first draft; messages can use it once it is published.")
  @JsonBody(TemplateRequest.class)
  @Creates(TemplateView.class)
  void create(@PathVariable long appId, HttpServletRequest request, HttpServletResponse response) {
    AppId app = apps.requiredId(appId);
    byte[] body = Body.json(request, MAX_BODY);
    Answers.send(
        response,
        idempotency.once(
            Answers.key(request, appId, body),
            () -> {
              TemplateRequest wanted = Json.read(body, TemplateRequest.class);
              StoredTemplate made =
                  edit.add(
                      app,
                      wanted.templateName(),
                      wanted.description(),
                      wanted.draft() == null
                          ? new TemplateDocument(null, null, null)
                          : wanted.draft());
              return Answers.created(
                  "/api/applications/" + app + "/templates/" + made.name(),
                  Envelope.of("Template created successfully", view(made)));
            }));
  }

  @Access(Access.Who.APP)
  @GetMapping
  @Operation(summary = "List an application's templates")
  Envelope<Envelope.Page<TemplateView>> list(
      @PathVariable long appId,
      @RequestParam(required = false) @Nullable Integer limit,
      @RequestParam(required = false) @Nullable String cursor) {
    AppId app = apps.requiredId(appId);
    int size = LimitedList.limit(limit);
    String list = "templates/" + appId;
    List<StoredTemplate> found = store.list(app, cursors.decode(list, cursor, 0), size + 1);
    return Envelope.of(
        "Templates", cursors.page(list, found, size, TemplateController::view, StoredTemplate::id));
  }

  @Access(Access.Who.APP)
  @GetMapping("/{templateName}")
  @Operation(summary = "Show a template")
  Envelope<TemplateView> show(@PathVariable long appId, @PathVariable String templateName) {
    return Envelope.of("Template", view(template(appId, templateName)));
  }

  @Access(Access.Who.APP)
  @DeleteMapping("/{templateName}")
  @Operation(
      summary = "Delete a template",
      description = "Messages that were accepted keep their words.")
  Envelope<Void> delete(@PathVariable long appId, @PathVariable String templateName) {
    edit.delete(apps.requiredId(appId), templateName);
    return Envelope.of("Template deleted", null);
  }

  @Access(Access.Who.APP)
  @GetMapping("/{templateName}/versions")
  @Operation(summary = "List a template's versions, newest first")
  Envelope<Envelope.Page<VersionView>> versions(
      @PathVariable long appId,
      @PathVariable String templateName,
      @RequestParam(required = false) @Nullable Integer limit,
      @RequestParam(required = false) @Nullable String cursor) {
    StoredTemplate template = template(appId, templateName);
    int size = LimitedList.limit(limit);
    String list = "templates/" + appId + "/" + template.id();
    long before = cursors.decode(list, cursor, Long.MAX_VALUE);
    return Envelope.of(
        "Versions",
        cursors.page(
            list,
            reads.page(appId, () -> store.versions(template.id(), before, size)),
            it -> view(template, it),
            StoredVersion::version));
  }

  @Access(Access.Who.APP)
  @GetMapping("/{templateName}/versions/{version}")
  @Operation(summary = "Show a version")
  Envelope<VersionView> version(
      @PathVariable long appId, @PathVariable String templateName, @PathVariable int version) {
    StoredTemplate template = template(appId, templateName);
    StoredVersion found =
        reads.one(
            appId,
            () ->
                store
                    .version(template.id(), version)
                    .orElseThrow(() -> ProblemException.notFound("version")),
            it -> it.json().length());
    return Envelope.of("Version", view(template, found));
  }

  @Access(Access.Who.APP)
  @PutMapping("/{templateName}/draft")
  @Operation(
      summary = "Write the draft",
      description =
          "Replaces it as a whole, or begins a new version. What messages get does not change.")
  @JsonBody(TemplateDocument.class)
  Envelope<VersionView> saveDraft(
      @PathVariable long appId, @PathVariable String templateName, HttpServletRequest request) {
    AppId app = apps.requiredId(appId);
    TemplateDocument wanted = Json.read(Body.json(request, MAX_BODY), TemplateDocument.class);
    StoredVersion saved = edit.saveDraft(app, templateName, wanted);
    return Envelope.of("Draft saved", view(template(appId, templateName), saved));
  }

  @Access(Access.Who.APP)
  @PostMapping("/{templateName}/publish")
  @Operation(
      summary = "Publish the draft",
      description = "Messages use it from now on; on other nodes within five seconds.")
  Envelope<TemplateView> publish(
      @PathVariable long appId, @PathVariable String templateName, HttpServletRequest request) {
    Body.none(request);
    return Envelope.of(
        "Template published", view(edit.publish(apps.requiredId(appId), templateName)));
  }

  @Access(Access.Who.APP)
  @PostMapping("/{templateName}/rollback")
  @Operation(
      summary = "Go back to an earlier version",
      description = "The one that was published before, or the one that is named.")
  @JsonBody(RollBack.class)
  Envelope<TemplateView> rollBack(
      @PathVariable long appId, @PathVariable String templateName, HttpServletRequest request) {
    RollBack wanted = Json.read(Body.json(request, Body.SINGLE), RollBack.class);
    return Envelope.of(
        "Template rolled back",
        view(edit.rollBack(apps.requiredId(appId), templateName, wanted.version())));
  }

  @Access(Access.Who.APP)
  @PostMapping("/{templateName}/preview")
  @Operation(
      summary = "Render a template without sending it",
      description =
          "To send a test, send a message whose template names the draft's version, with sample"
              + " true.")
  @JsonBody(PreviewRequest.class)
  Envelope<PreviewView> preview(
      @PathVariable long appId, @PathVariable String templateName, HttpServletRequest request) {
    PreviewRequest wanted = Json.read(Body.json(request, Body.SINGLE), PreviewRequest.class);
    StoredTemplate template = template(appId, templateName);
    Violations violations = new Violations();
    String channel = wanted.channel() == null ? "" : wanted.channel();
    violations.require(
        wanted.channel() == null || providers.channels().contains(channel),
        "channel",
        "must be one of " + String.join(", ", providers.channels()));
    violations.throwIfAny();
    Rendered rendered;
    try (Allowance allowance = templates.allowance(apps.requiredId(appId))) {
      rendered =
          templates.render(
              apps.requiredId(appId),
              new TemplateUse(
                  templateName,
                  wanted.version() == null ? template.draft() : wanted.version(),
                  wanted.locale(),
                  wanted.variables(),
                  true),
              channel,
              allowance,
              violations);
    }
    violations.throwIfAny();
    if (rendered == null) {
      throw new IllegalStateException("what has no violation is rendered");
    }
    reads.keep(appId, rendered.length());
    return Envelope.of(
        "Preview",
        new PreviewView(
            rendered.ref().version(),
            rendered.ref().locale(),
            rendered.subject(),
            rendered.text(),
            rendered.html(),
            rendered.approved()));
  }

  private static TemplateView view(StoredTemplate template) {
    return new TemplateView(
        template.name(),
        template.description(),
        template.published(),
        template.draft(),
        template.createdAt());
  }

  private static VersionView view(StoredTemplate template, StoredVersion version) {
    boolean current = template.published() != null && template.published() == version.version();
    String state = version.publishedAt() == null ? "draft" : current ? "published" : "retired";
    return new VersionView(
        version.version(), state, version.json(), version.createdAt(), version.publishedAt());
  }

  private StoredTemplate template(long appId, String name) {
    return edit.required(apps.requiredId(appId), name);
  }
}
