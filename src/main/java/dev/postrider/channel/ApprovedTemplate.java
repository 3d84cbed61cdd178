package dev.postrider.channel;

import dev.postrider.platform.Violations;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A template that WhatsApp has approved, by its name there, and what to put into it. It may be sent
 * outside the 24 hours after a recipient's last message.
 *
 * @param name as WhatsApp knows it
 * @param language the code it was approved for, such as {@code pt_BR}
 * @param header the text for the header's placeholder, where it has one; for media see {@link
 *     Content#media()}
 * @param body the texts for the body's placeholders, in their order
 * @param buttons the texts for the placeholders of URL buttons, by the place of the button; null
 *     for a button without one
 */
public record ApprovedTemplate(
    @Schema(example = "order_ready") @Nullable String name,
    @Schema(example = "pt_BR") @Nullable String language,
    @Schema(description = "For the header's placeholder") @Nullable String header,
    @Schema(description = "For the body's placeholders, in their order", example = "[\"Ana\"]")
        @Nullable List<String> body,
    @Schema(description = "For URL buttons, by place; null for one without a placeholder")
        @Nullable List<@Nullable String> buttons) {
  private static final Pattern NAME = Pattern.compile("[a-z0-9_]{1,512}");
  private static final Pattern LANGUAGE = Pattern.compile("[a-z]{2,3}(_[A-Za-z]{2,4})?");
  public static final int MAX_PARAMETER = 1024;
  private static final int MAX_HEADER = 60;
  private static final int MOST_PARAMETERS = 100;
  private static final int MOST_BUTTONS = 10;

  /** Four times what the longest body of WhatsApp's has, with all that is filled in. */
  private static final int MOST_CHARACTERS = 4096;

  /** Everything that can be told from here; whether WhatsApp has it, only WhatsApp knows. */
  public void check(String field, Violations violations) {
    checkFrame(field, violations);
    parameter(field + ".header", header, MAX_HEADER, violations);
    each(field + ".body", bodyTexts(), violations);
    each(field + ".buttons", buttonTexts(), violations);
    violations.require(
        characters() <= MOST_CHARACTERS,
        field,
        "may have at most " + MOST_CHARACTERS + " characters in all its texts");
  }

  private int characters() {
    return length(header)
        + bodyTexts().stream().mapToInt(ApprovedTemplate::length).sum()
        + buttonTexts().stream().mapToInt(ApprovedTemplate::length).sum();
  }

  private static int length(@Nullable String text) {
    return text == null ? 0 : text.codePointCount(0, text.length());
  }

  /** All but the texts, which may still have to be filled in. */
  public void checkFrame(String field, Violations violations) {
    violations.require(
        name != null && NAME.matcher(name).matches(),
        field + ".name",
        "must be 1 to 512 of a to z, 0 to 9 and _, as WhatsApp shows it");
    violations.require(
        language != null && LANGUAGE.matcher(language).matches(),
        field + ".language",
        "must be the code it was approved for, such as en or pt_BR");
    violations.require(
        bodyTexts().size() <= MOST_PARAMETERS,
        field + ".body",
        "may have at most " + MOST_PARAMETERS);
    violations.require(
        buttonTexts().size() <= MOST_BUTTONS,
        field + ".buttons",
        "may have at most " + MOST_BUTTONS);
    for (int i = 0; i < bodyTexts().size(); i++) {
      violations.require(bodyTexts().get(i) != null, field + ".body[" + i + "]", "cannot be null");
    }
  }

  private static void each(
      String field, List<? extends @Nullable String> texts, Violations violations) {
    for (int i = 0; i < texts.size(); i++) {
      parameter(field + "[" + i + "]", texts.get(i), MAX_PARAMETER, violations);
    }
  }

  /** WhatsApp takes no empty one, no line ends, and no more than four spaces in a row. */
  private static void parameter(
      String field, @Nullable String text, int most, Violations violations) {
    violations.text(field, text, most);
    if (text != null) {
      violations.require(!text.isBlank(), field, "cannot be empty");
      violations.require(
          text.chars().noneMatch(it -> it == '\n' || it == '\r' || it == '\t')
              && !text.contains("     "),
          field,
          "must be one line, without tabs and with at most four spaces in a row");
    }
  }

  public List<String> bodyTexts() {
    return body == null ? List.of() : body;
  }

  public List<@Nullable String> buttonTexts() {
    return buttons == null ? List.of() : buttons;
  }
}
