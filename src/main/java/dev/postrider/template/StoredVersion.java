package dev.postrider.template;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A version of a template; it never changes once it was published.
 *
 * @param publishedAt when it was published first; null while it is the draft
 */
record StoredVersion(
    int version, TemplateDocument document, Instant createdAt, @Nullable Instant publishedAt) {}
