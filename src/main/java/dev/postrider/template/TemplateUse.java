package dev.postrider.template;

import io.swagger.v3.oas.annotations.media.Schema;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A template as a message uses it.
 *
 * @param version null for the published one
 * @param locale null for the template's default
 */
public record TemplateUse(
    @Schema(example = "order_shipped") @Nullable String name,
    @Schema(description = "A version other than the published one, a draft for instance")
        @Nullable Integer version,
    @Schema(description = "A BCP 47 tag", example = "pt-BR") @Nullable String locale,
    @Schema(description = "By name; only those the template has")
        @Nullable Map<String, @Nullable Object> variables,
    @Schema(description = "Take examples for variables that are missing: for test sends")
        @Nullable Boolean sample) {}
