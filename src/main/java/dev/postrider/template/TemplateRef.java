package dev.postrider.template;

import org.jspecify.annotations.Nullable;

/** What a message was rendered from; a version never changes once it was published. */
public record TemplateRef(String name, int version, String locale) {
  /** On one line, as it is stored with the message. */
  public String line() {
    return name + "/" + version + "/" + locale;
  }

  public static @Nullable TemplateRef ofLine(@Nullable String line) {
    if (line == null) {
      return null;
    }
    String[] parts = line.split("/", 3);
    return new TemplateRef(parts[0], Integer.parseInt(parts[1]), parts[2]);
  }
}
