package dev.postrider.template;

import dev.postrider.app.AppId;
import dev.postrider.channel.Providers;
import dev.postrider.platform.Problem;
import dev.postrider.platform.ProblemException;
import dev.postrider.platform.Violations;
import dev.postrider.platform.Wired;
import dev.postrider.platform.database.Transactions;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Makes templates, changes their drafts, publishes them and rolls them back. What is stored
 * compiles.
 */
@Wired
public class EditTemplates {
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9_.-]{0,63}");
  private static final int MAX_DESCRIPTION = 500;

  private final TemplateStore store;
  private final Templates templates;
  private final Providers providers;
  private final Transactions transactions;

  public EditTemplates(
      TemplateStore store, Templates templates, Providers providers, Transactions transactions) {
    this.store = store;
    this.templates = templates;
    this.providers = providers;
    this.transactions = transactions;
  }

  StoredTemplate add(
      AppId app, @Nullable String name, @Nullable String description, TemplateDocument draft) {
    Violations violations = new Violations();
    violations.require(
        name != null && isName(name),
        "template_name",
        "must be 1 to 64 of lower case letters, digits, and _ . -");
    violations.text("description", description, MAX_DESCRIPTION);
    violations.throwIfAny();
    Wording.compile(draft, providers.channels());
    StoredTemplate made =
        transactions.call(() -> {
          StoredTemplate template =
              store
                  .insert(app, String.valueOf(name), description)
                  .orElseThrow(() ->
                      ProblemException.of(
                          Problem.CONFLICT, "The application has a template with this name."));
          store.saveDraft(template.id(), draft);
          return required(app, template.name());
        });
    // The request's own transaction may be around it.
    Transactions.nowAndAfterCommit(templates::forget);
    return made;
  }

  StoredVersion saveDraft(AppId app, String name, TemplateDocument draft) {
    Wording.compile(draft, providers.channels());
    return changed(app, name, template -> store.saveDraft(template.id(), draft));
  }

  /** Makes the draft the version that messages are rendered from. */
  StoredTemplate publish(AppId app, String name) {
    return changed(
        app,
        name,
        template -> {
          Integer draft = template.draft();
          if (draft == null) {
            throw ProblemException.of(Problem.CONFLICT, "The template has no draft.");
          }
          store.publish(template.id(), draft);
          return required(app, name);
        });
  }

  /** Goes back to a version that was published before; null for the one before this one. */
  StoredTemplate rollBack(AppId app, String name, @Nullable Integer version) {
    return changed(
        app,
        name,
        template -> {
          Integer current = template.published();
          if (current == null) {
            throw ProblemException.of(Problem.CONFLICT, "The template was never published.");
          }
          int target =
              version == null
                  ? store
                      .before(template.id(), current)
                      .orElseThrow(() ->
                          ProblemException.of(
                              Problem.CONFLICT, "No version was published before this one."))
                  : version;
          boolean wasPublished =
              store
                  .version(template.id(), target)
                  .map(it -> it.publishedAt() != null)
                  .orElse(false);
          if (!wasPublished) {
            throw ProblemException.invalid("version", "is not one that was published");
          }
          store.publish(template.id(), target);
          return required(app, name);
        });
  }

  void delete(AppId app, String name) {
    changed(
        app,
        name,
        template -> {
          store.delete(template.id());
          return template;
        });
  }

  StoredTemplate required(AppId app, String name) {
    return store.find(app, checked(name)).orElseThrow(() -> ProblemException.notFound("template"));
  }

  /** Whether a template may have this name; PostgreSQL cannot be asked for just any. */
  static boolean isName(String name) {
    return NAME.matcher(name).matches();
  }

  private static String checked(String name) {
    if (!isName(name)) {
      throw ProblemException.notFound("template");
    }
    return name;
  }

  private <T> T changed(AppId app, String name, Function<StoredTemplate, T> change) {
    T changed =
        transactions.call(() ->
            change.apply(
                store
                    .findToChange(app, checked(name))
                    .orElseThrow(() -> ProblemException.notFound("template"))));
    templates.forget();
    return changed;
  }
}
