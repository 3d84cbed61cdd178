package dev.postrider.template;

import dev.postrider.channel.ApprovedTemplate;
import org.jspecify.annotations.Nullable;

/**
 * A template's words with everything filled in.
 *
 * @param ownChannel whether the variant is the channel's own
 */
public record Rendered(
    TemplateRef ref,
    boolean ownChannel,
    @Nullable String subject,
    @Nullable String text,
    @Nullable String html,
    @Nullable ApprovedTemplate approved) {

  /** In characters. */
  int length() {
    return length(subject)
        + length(text)
        + length(html)
        + (approved == null
            ? 0
            : length(approved.header())
                + approved.bodyTexts().stream().mapToInt(Rendered::length).sum()
                + approved.buttonTexts().stream().mapToInt(Rendered::length).sum());
  }

  private static int length(@Nullable String text) {
    return text == null ? 0 : text.length();
  }

  /** For a channel that carries nothing else. */
  public Rendered textOnly() {
    return new Rendered(ref, ownChannel, null, text, null, approved);
  }
}
