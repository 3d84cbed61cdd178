package dev.postrider.message;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The public word for where a message stands, from both axes: dispatch and receipts. */
public enum MessageStatus {
  PENDING,
  SCHEDULED,
  SENDING,
  SENT,
  DELIVERED,
  READ,
  FAILED,
  EXPIRED,
  CANCELED,
  UNCERTAIN;

  /**
   * The status that follows. Receipts only raise it, whatever their order: read before delivered
   * before the provider's failure before sent. A message we gave up on and that arrived after all
   * has arrived.
   */
  public static MessageStatus of(
      Dispatch dispatch, boolean providerFailed, boolean delivered, boolean read) {
    if (read) {
      return READ;
    }
    if (delivered) {
      return DELIVERED;
    }
    return switch (dispatch) {
      case SCHEDULED -> SCHEDULED;
      case QUEUED -> PENDING;
      case SENDING -> SENDING;
      case UNCERTAIN -> UNCERTAIN;
      case HANDED_OFF -> providerFailed ? FAILED : SENT;
      case FAILED, DEAD -> FAILED;
      case EXPIRED -> EXPIRED;
      case CANCELED -> CANCELED;
    };
  }

  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static Optional<MessageStatus> parse(String word) {
    return Arrays.stream(values()).filter(status -> status.word().equals(word)).findFirst();
  }
}
