package dev.postrider.template;

import dev.postrider.channel.ApprovedTemplate;
import dev.postrider.platform.Violations;
import dev.postrider.template.TemplateDocument.VariantDocument;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IllformedLocaleException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A version that was compiled: its variables, and its variants by locale and channel. */
final class Wording {
  private static final int MAX_VARIANTS = 50;
  private static final int MAX_SUBJECT = 255;

  /** Of a language tag: as RFC 5646 (4.4.1) asks to make room for. */
  private static final int MAX_TAG = 35;

  private static final int MAX_TEXT = 65_536;
  private static final String WHATSAPP = "whatsapp";

  private final Map<String, Variable> variables;
  private final Locale fallback;
  private final List<Variant> variants;

  /**
   * The words for a locale, and for a channel where it has its own.
   *
   * @param writing in what numbers and dates are written
   */
  private record Variant(
      Locale locale,
      Locale writing,
      @Nullable String channel,
      @Nullable Mould subject,
      @Nullable Mould text,
      @Nullable Mould html,
      @Nullable ApprovedMould approved) {}

  private Wording(Map<String, Variable> variables, Locale fallback, List<Variant> variants) {
    this.variables = variables;
    this.fallback = fallback;
    this.variants = variants;
  }

  /** Compiles a version, or says everything that is wrong with it. */
  static Wording compile(TemplateDocument document, Set<String> channels) {
    Violations violations = new Violations();
    Map<String, Variable> variables =
        Variable.declared(document.variables(), "variables", violations);
    Locale fallback = locale(document.defaultLocale(), "default_locale", violations);
    List<VariantDocument> written = document.variants() == null ? List.of() : document.variants();
    violations.require(
        !written.isEmpty() && written.size() <= MAX_VARIANTS,
        "variants",
        "must have from 1 to " + MAX_VARIANTS);
    violations.throwIfAny();
    List<Variant> variants = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < written.size(); i++) {
      String at = "variants." + i;
      VariantDocument one = written.get(i);
      if (violations.require(one != null, at, "must be an object")) {
        Variant variant = variant(one, at, variables, channels, violations);
        variants.add(variant);
        violations.require(
            seen.add(variant.locale().toLanguageTag() + "/" + variant.channel()),
            at,
            "has the locale and channel of another");
      }
    }
    violations.require(
        variants.stream().anyMatch(it -> it.locale().equals(fallback)),
        "variants",
        "must have one for default_locale");
    violations.throwIfAny();
    return new Wording(variables, fallback, variants);
  }

  private static Variant variant(
      VariantDocument document,
      String at,
      Map<String, Variable> variables,
      Set<String> channels,
      Violations violations) {
    violations.require(
        document.channel() == null || channels.contains(document.channel()),
        at + ".channel",
        "must be one of " + String.join(", ", channels));
    violations.require(
        document.text() != null || document.html() != null || document.whatsappTemplate() != null,
        at,
        "needs text, html or whatsapp_template");
    violations.require(
        document.whatsappTemplate() == null || WHATSAPP.equals(document.channel()),
        at + ".whatsapp_template",
        "needs the channel " + WHATSAPP);
    Locale locale = locale(document.locale(), at + ".locale", violations);
    return new Variant(
        locale,
        VariableType.writing(locale),
        document.channel(),
        mould(document.subject(), at + ".subject", false, variables, MAX_SUBJECT, violations),
        mould(document.text(), at + ".text", false, variables, MAX_TEXT, violations),
        mould(document.html(), at + ".html", true, variables, MAX_TEXT * 2, violations),
        approved(document.whatsappTemplate(), at + ".whatsapp_template", variables, violations));
  }

  private static @Nullable ApprovedMould approved(
      @Nullable ApprovedTemplate written,
      String at,
      Map<String, Variable> variables,
      Violations violations) {
    if (written == null) {
      return null;
    }
    written.checkFrame(at, violations);
    int most = ApprovedTemplate.MAX_PARAMETER;
    Mould header = mould(written.header(), at + ".header", false, variables, most, violations);
    List<Mould> body = new ArrayList<>();
    for (int i = 0; i < written.bodyTexts().size(); i++) {
      String field = at + ".body[" + i + "]";
      Mould mould = mould(written.bodyTexts().get(i), field, false, variables, most, violations);
      if (mould != null) {
        body.add(mould);
      }
    }
    List<@Nullable Mould> buttons = new ArrayList<>();
    for (int i = 0; i < written.buttonTexts().size(); i++) {
      String field = at + ".buttons[" + i + "]";
      buttons.add(mould(written.buttonTexts().get(i), field, false, variables, most, violations));
    }
    return new ApprovedMould(written, header, body, buttons);
  }

  private static @Nullable Mould mould(
      @Nullable String source,
      String field,
      boolean html,
      Map<String, Variable> variables,
      int most,
      Violations violations) {
    violations.text(field, source, most);
    if (source == null || !violations.isEmpty()) {
      return null;
    }
    try {
      return Mould.compile(source, html, variables, most);
    } catch (Mould.Flawed flaw) {
      violations.add(field, flaw.detail());
      return null;
    }
  }

  private static Locale locale(@Nullable String tag, String field, Violations violations) {
    if (tag != null && tag.length() > MAX_TAG) {
      violations.add(field, "must have at most " + MAX_TAG + " characters");
      return Locale.ROOT;
    }
    try {
      Locale locale = new Locale.Builder().setLanguageTag(tag == null ? "" : tag).build();
      if (violations.require(
          !locale.getLanguage().isEmpty(), field, "must be a BCP 47 tag, such as pt-BR")) {
        return locale;
      }
    } catch (IllformedLocaleException _) {
      violations.add(field, "must be a BCP 47 tag, such as pt-BR");
    }
    return Locale.ROOT;
  }

  /** Where and what to render. */
  record Wanted(
      String name,
      int version,
      @Nullable String locale,
      String channel,
      Map<String, ? extends @Nullable Object> variables,
      boolean sample) {}

  /** The words with everything filled in; null when something is wrong, which is named. */
  @Nullable Rendered render(Wanted wanted, Allowance allowance, Violations violations) {
    Locale locale =
        wanted.locale() == null ? fallback : locale(wanted.locale(), "template.locale", violations);
    Variant variant = chosen(locale, wanted.channel()).orElse(null);
    violations.require(variant != null, "template", "has no variant for " + wanted.channel());
    if (variant == null) {
      return null;
    }
    Budget budget = allowance.budget();
    try {
      Budget.Scope values =
          Variable.bound(
              variables,
              wanted.variables(),
              new Variable.Filling(variant.writing(), wanted.sample(), budget, violations),
              "template.variables");
      if (!violations.isEmpty()) {
        return null;
      }
      Rendered rendered =
          new Rendered(
              new TemplateRef(wanted.name(), wanted.version(), variant.locale().toLanguageTag()),
              variant.channel() != null,
              render(variant.subject(), values, budget),
              render(variant.text(), values, budget),
              render(variant.html(), values, budget),
              variant.approved() == null ? null : variant.approved().render(values, budget));
      violations.require(
          allowance.keep(rendered.length()),
          "template",
          "makes, with the messages before it, more than "
              + Allowance.CHARACTERS
              + " characters; send it in another request");
      return rendered;
    } catch (Budget.Exceeded e) {
      violations.add("template", e.detail());
      return null;
    } finally {
      allowance.spent(budget.steps());
    }
  }

  private static @Nullable String render(
      @Nullable Mould mould, Budget.Scope values, Budget budget) {
    return mould == null ? null : mould.render(values, budget);
  }

  /** Its own locale, its language, the default; in each the channel's own words go first. */
  private Optional<Variant> chosen(Locale locale, String channel) {
    Set<Locale> chain = new LinkedHashSet<>();
    for (Locale one : List.of(locale, fallback)) {
      chain.add(one);
      chain.add(Locale.of(one.getLanguage()));
    }
    return chain.stream().flatMap(it -> in(it, channel).stream()).findFirst();
  }

  private Optional<Variant> in(Locale locale, String channel) {
    List<Variant> here = variants.stream().filter(it -> it.locale().equals(locale)).toList();
    return here.stream()
        .filter(it -> channel.equals(it.channel()))
        .findFirst()
        .or(() -> here.stream().filter(it -> it.channel() == null).findFirst());
  }
}
