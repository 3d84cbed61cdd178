package dev.postrider.template;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A template.
 *
 * @param published the version messages are rendered from; null while there is none
 */
record StoredTemplate(
    long id,
    String name,
    @Nullable String description,
    @Nullable Integer published,
    Instant createdAt) {}
