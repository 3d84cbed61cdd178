package dev.postrider.template;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.postrider.channel.ApprovedTemplate;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a version says, as it is written.
 *
 * @param variables by name: lower case letters, digits and underscores
 * @param defaultLocale the locale of whoever has no variant of their own
 */
public record TemplateDocument(
    @Nullable Map<String, VariableDocument> variables,
    @Schema(description = "A BCP 47 tag", example = "en") @Nullable String defaultLocale,
    @Nullable List<VariantDocument> variants) {

  /**
   * A variable.
   *
   * @param required whether a message must give it; one with a default need not be given
   * @param items of a list: the fields of its items; a list without them is one of texts
   */
  public record VariableDocument(
      @Schema(
              allowableValues = {
                "string",
                "integer",
                "number",
                "money",
                "date",
                "datetime",
                "boolean",
                "url",
                "list"
              })
          @Nullable String type,
      @Nullable Boolean required,
      @JsonProperty("default") @Schema(implementation = Object.class) @Nullable Object defaultValue,
      @Schema(implementation = Object.class, description = "What a preview shows")
          @Nullable Object example,
      @Schema(
              allowableValues = {"short", "medium", "long", "full"},
              description = "Of a date or datetime; medium unless given")
          @Nullable String format,
      @Nullable Map<String, VariableDocument> items) {}

  /**
   * The words for a locale, and for a channel where that has its own.
   *
   * @param channel null for all channels without a variant of their own
   * @param text Mustache; where there is HTML, the alternative to it
   * @param html Mustache; what variables bring is escaped
   * @param whatsappTemplate for whatsapp: one that WhatsApp has approved, its texts Mustache; goes
   *     before the text where the sender's provider carries it
   */
  public record VariantDocument(
      @Schema(example = "pt-BR") @Nullable String locale,
      @Schema(example = "whatsapp") @Nullable String channel,
      @Schema(description = "For e-mail", example = "Your order {{order}}")
          @Nullable String subject,
      @Schema(example = "Hi {{name}}, your order {{order}} is on its way.") @Nullable String text,
      @Nullable String html,
      @Nullable ApprovedTemplate whatsappTemplate) {}
}
