package dev.postrider.template;

import dev.postrider.platform.Json;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A version of a template; it never changes once it was published.
 *
 * @param json its {@link TemplateDocument}
 * @param publishedAt when it was published first; null while it is the draft
 */
record StoredVersion(int version, String json, Instant createdAt, @Nullable Instant publishedAt) {

  /** What it says: as objects, that is some twenty times as much. */
  TemplateDocument document() {
    return Json.read(Json.utf8(json), TemplateDocument.class);
  }
}
