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

  /** For a channel that carries nothing else. */
  public Rendered textOnly() {
    return new Rendered(ref, ownChannel, null, text, null, approved);
  }
}
