package dev.postrider.delivery;

import dev.postrider.message.CampaignId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What keeps a message from starting.
 *
 * @param reason the same word as in {@code /explain}
 * @param because for a person
 * @param until when it ends by itself; null when somebody has to end it
 * @param keepsPlace whether it holds all of its sender's messages to the recipient, so that those
 *     which came after it wait for it
 * @param campaign the campaign whose pause it is; null for all others
 */
record Hold(
    String reason,
    String because,
    @Nullable Instant until,
    boolean keepsPlace,
    @Nullable CampaignId campaign) {
  Hold(String reason, String because, @Nullable Instant until, boolean keepsPlace) {
    this(reason, because, until, keepsPlace, null);
  }
}
