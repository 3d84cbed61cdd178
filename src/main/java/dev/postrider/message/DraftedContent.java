package dev.postrider.message;

import dev.postrider.channel.ApprovedTemplate;
import dev.postrider.channel.Content;
import dev.postrider.message.MessageDraft.MediaDraft;
import dev.postrider.platform.Text;
import dev.postrider.platform.Violations;
import java.util.Base64;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads what a message is to say, whoever carries it. */
final class DraftedContent {
  private static final Pattern MIMETYPE =
      Pattern.compile("[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}");

  private DraftedContent() {}

  /** What it says, or everything that is wrong with that. */
  static Content of(MessageDraft draft, Violations violations) {
    if (draft.approved() != null) {
      violations.require(
          draft.content() == null && draft.html() == null && draft.subject() == null,
          "whatsapp_template",
          "brings the words; give it, or message_content, message_html and subject");
      return approved(draft, draft.approved(), "whatsapp_template", violations);
    }
    String word = draft.type() == null ? "text" : draft.type();
    Content.Type type = Content.Type.parse(word).orElse(null);
    if (type == null) {
      violations.add("message_type", "must be one of text, image, file, whatsapp_template");
      type = Content.Type.TEXT;
    }
    Content.Media media = null;
    if (type == Content.Type.WHATSAPP_TEMPLATE) {
      violations.add("whatsapp_template", "is required for this message_type");
    } else if (type == Content.Type.TEXT) {
      violations.require(draft.media() == null, "media", "needs message_type image or file");
      boolean empty = isEmpty(draft.content()) && isEmpty(draft.html());
      violations.require(!empty, "message_content", "cannot be empty");
    } else if (violations.require(
            draft.media() != null, "media", "is required for an image or a file")
        && draft.media() != null) {
      media = media(draft.media(), violations);
    }
    return new Content(
        type,
        isEmpty(draft.content()) ? null : draft.content(),
        draft.subject(),
        isEmpty(draft.html()) ? null : draft.html(),
        media);
  }

  /**
   * The same for a template that WhatsApp has approved.
   *
   * @param field what named it
   */
  static Content approved(
      MessageDraft draft, ApprovedTemplate approved, String field, Violations violations) {
    Content.Type type = Content.Type.WHATSAPP_TEMPLATE;
    violations.require(
        draft.type() == null || draft.type().equals(type.word()),
        "message_type",
        "must be whatsapp_template, or absent, for one that WhatsApp has approved");
    approved.check(field, violations);
    violations.require(
        draft.media() == null || approved.header() == null,
        "media",
        "is the template's header; give it, or the header's text");
    Content.Media media = draft.media() == null ? null : media(draft.media(), violations);
    return new Content(type, null, null, null, media, approved);
  }

  private static boolean isEmpty(@Nullable String text) {
    return text == null || text.isBlank();
  }

  private static Content.Media media(MediaDraft draft, Violations violations) {
    violations.require(
        (draft.url() == null) != (draft.data() == null), "media", "needs either url or data");
    violations.line("media.filename", draft.filename(), 255);
    violations.require(!isEmpty(draft.filename()), "media.filename", "is required");
    String mimetype = draft.mimetype() == null ? "" : draft.mimetype();
    violations.require(
        MIMETYPE.matcher(mimetype).matches(), "media.mimetype", "must be a type such as image/png");
    if (draft.url() != null) {
      violations.line("media.url", draft.url(), 2000);
      violations.require(
          Text.isHttpUrl(draft.url()), "media.url", "must be an absolute http or https URL");
    }
    return new Content.Media(
        draft.url(),
        draft.data() == null ? null : decoded(draft.data(), violations),
        mimetype,
        draft.filename() == null ? "" : draft.filename());
  }

  private static byte[] decoded(String base64, Violations violations) {
    try {
      byte[] data = Base64.getDecoder().decode(base64);
      violations.require(data.length > 0, "media.data", "cannot be empty");
      return data;
    } catch (IllegalArgumentException _) {
      violations.add("media.data", "must be base64");
      return new byte[0];
    }
  }
}
