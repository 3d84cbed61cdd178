package dev.postrider.template;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A template.
 *
 * @param published the version messages are rendered from; null while there is none
 * @param draft the version that is being written; null while there is none
 */
record StoredTemplate(
    long id,
    String name,
    @Nullable String description,
    @Nullable Integer published,
    @Nullable Integer draft,
    Instant createdAt) {}
