package dev.postrider.channel;

import dev.postrider.platform.Violations;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a message says.
 *
 * @param text the text; a caption where there is media
 * @param subject for e-mail
 * @param html an HTML alternative to the text, for e-mail
 * @param approved a template of WhatsApp's, which is the text then
 */
public record Content(
    Type type,
    @Nullable String text,
    @Nullable String subject,
    @Nullable String html,
    @Nullable Media media,
    @Nullable ApprovedTemplate approved) {

  public Content(
      Type type,
      @Nullable String text,
      @Nullable String subject,
      @Nullable String html,
      @Nullable Media media) {
    this(type, text, subject, html, media, null);
  }

  /** What kind of content it is. */
  public enum Type {
    TEXT,
    IMAGE,
    FILE,
    /** A template that WhatsApp has approved, with media for its header where it has some. */
    WHATSAPP_TEMPLATE;

    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<Type> parse(String word) {
      return Arrays.stream(values()).filter(type -> type.word().equals(word)).findFirst();
    }
  }

  /**
   * An image or a file: by address or by value.
   *
   * @param url where the provider fetches it
   * @param data its bytes; null where it has an address, and where they are stored and not loaded
   * @param bytes how many they are; null where it has an address
   */
  @SuppressWarnings("ArrayRecordComponent") // carried, never compared
  public record Media(
      @Nullable String url,
      byte @Nullable [] data,
      @Nullable Integer bytes,
      String mimetype,
      String filename) {
    public Media(@Nullable String url, byte @Nullable [] data, String mimetype, String filename) {
      this(url, data, data == null ? null : data.length, mimetype, filename);
    }

    Media with(byte @Nullable [] loaded) {
      return new Media(url, loaded, bytes, mimetype, filename);
    }
  }

  /** About how much memory it takes, in bytes; a character counts as one. */
  public int size() {
    int bytes = media == null || media.bytes() == null ? 0 : media.bytes();
    return length(text) + length(html) + bytes;
  }

  private static int length(@Nullable String words) {
    return words == null ? 0 : words.length();
  }

  /** What is left without its words and the bytes of its media, which may be large. */
  public Content withoutBody() {
    return new Content(
        type, null, subject, null, media == null ? null : media.with(null), approved);
  }

  /** What is wrong with it for a channel of plain text; more may be added. */
  public Violations plain(int maxCodePoints) {
    Violations violations = new Violations();
    violations.require(subject == null, "subject", "is for e-mail only");
    violations.require(html == null, "message_html", "is for e-mail only");
    violations.text("message_content", text, maxCodePoints);
    return violations;
  }

  public static Content text(String text) {
    return new Content(Type.TEXT, text, null, null, null);
  }
}
