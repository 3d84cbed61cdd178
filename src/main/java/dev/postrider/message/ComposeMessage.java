package dev.postrider.message;

import dev.postrider.app.AppId;
import dev.postrider.app.Apps;
import dev.postrider.app.SenderId;
import dev.postrider.channel.Content;
import dev.postrider.channel.Provider;
import dev.postrider.channel.Provider.Checked;
import dev.postrider.channel.Providers;
import dev.postrider.channel.SenderAccount;
import dev.postrider.message.MessageDraft.MediaDraft;
import dev.postrider.platform.Correlation;
import dev.postrider.platform.Problem;
import dev.postrider.platform.ProblemException;
import dev.postrider.platform.Violations;
import dev.postrider.platform.Wired;
import dev.postrider.platform.database.Ids;
import dev.postrider.queue.Priority;
import java.net.URI;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.util.Base64;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Turns what a caller asked for into a message, or says everything that is wrong with it. */
@Wired
public class ComposeMessage {
  private static final int MAX_METADATA = 4096;
  private static final int MAX_ATTEMPTS = 50;
  private static final Duration PAST = Duration.ofMinutes(5);
  private static final Duration FUTURE = Duration.ofDays(366);
  private static final Pattern MIMETYPE =
      Pattern.compile("[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}");

  private final Apps apps;
  private final Providers providers;
  private final Ids ids;
  private final InstantSource clock;
  private final MessageSettings settings;

  public ComposeMessage(
      Apps apps, Providers providers, Ids ids, InstantSource clock, MessageSettings settings) {
    this.apps = apps;
    this.providers = providers;
    this.ids = ids;
    this.clock = clock;
    this.settings = settings;
  }

  Message compose(Apps.Profile profile, MessageDraft draft, Correlation correlation) {
    Violations violations = new Violations();
    Content content = content(draft, violations);
    Instant now = clock.instant();
    Instant scheduledFor = time("scheduled_for", draft.scheduledFor(), violations);
    Instant expiresAt = time("expires_at", draft.expiresAt(), violations);
    checkTimes(now, scheduledFor, expiresAt, violations);
    Priority priority = priority(draft.priority(), violations);
    boolean hold = hold(draft.onAmbiguous(), violations);
    int maxAttempts = maxAttempts(draft.maxAttempts(), violations);
    if (draft.metadata() != null) {
      violations.require(
          draft.metadata().length() <= MAX_METADATA,
          "metadata",
          "may have at most " + MAX_METADATA + " characters as JSON");
    }
    SenderAccount sender = sender(profile, draft, violations);
    String recipient = null;
    if (sender != null) {
      Provider provider = providers.of(sender);
      violations.addAll(provider.checkContent(content));
      recipient = recipient(profile, draft, provider, violations);
    }
    violations.throwIfAny();
    if (sender == null || recipient == null) {
      throw new IllegalStateException("a message without a violation has a sender and a recipient");
    }
    Instant due = scheduledFor == null || scheduledFor.isBefore(now) ? now : scheduledFor;
    return new Message(
        ids.next(),
        profile.app().id(),
        new SenderId(sender.senderId()),
        recipient,
        content,
        draft.metadata(),
        priority,
        hold,
        maxAttempts,
        expiresAt == null ? due.plus(settings.maxAge()) : expiresAt,
        scheduledFor,
        correlation,
        null);
  }

  private static Content content(MessageDraft draft, Violations violations) {
    String word = draft.type() == null ? "text" : draft.type();
    Content.Type type = Content.Type.parse(word).orElse(null);
    if (type == null) {
      violations.add("message_type", "must be one of text, image, file");
      type = Content.Type.TEXT;
    }
    Content.Media media = null;
    if (type == Content.Type.TEXT) {
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
          isHttpUrl(draft.url()), "media.url", "must be an absolute http or https URL");
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

  private static boolean isHttpUrl(String text) {
    try {
      URI uri = URI.create(text);
      return uri.getHost() != null
          && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()));
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  private static @Nullable Instant time(
      String field, @Nullable String text, Violations violations) {
    if (text == null) {
      return null;
    }
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException | ArithmeticException _) {
      violations.add(field, "must be a time with offset, such as 2026-12-24T18:00:00+01:00");
      return null;
    }
  }

  private static void checkTimes(
      Instant now,
      @Nullable Instant scheduledFor,
      @Nullable Instant expiresAt,
      Violations violations) {
    if (scheduledFor != null) {
      violations.require(
          !scheduledFor.isBefore(now.minus(PAST)) && !scheduledFor.isAfter(now.plus(FUTURE)),
          "scheduled_for",
          "must lie within the next 366 days");
    }
    if (expiresAt != null) {
      Instant earliest = scheduledFor == null ? now : scheduledFor;
      violations.require(
          expiresAt.isAfter(now) && expiresAt.isAfter(earliest),
          "expires_at",
          "must lie in the future, and after scheduled_for");
      violations.require(
          !expiresAt.isAfter(now.plus(FUTURE)), "expires_at", "must lie within the next 366 days");
    }
  }

  private static Priority priority(@Nullable String word, Violations violations) {
    if (word == null) {
      return Priority.NORMAL;
    }
    return Priority.parse(word)
        .orElseGet(() -> {
          violations.add("priority", "must be one of urgent, high, normal, low");
          return Priority.NORMAL;
        });
  }

  private static boolean hold(@Nullable String word, Violations violations) {
    violations.require(
        word == null || word.equals("retry") || word.equals("hold"),
        "on_ambiguous",
        "must be retry or hold");
    return "hold".equals(word);
  }

  private int maxAttempts(@Nullable Integer wanted, Violations violations) {
    if (wanted == null) {
      return settings.maxAttempts();
    }
    violations.require(
        wanted >= 1 && wanted <= MAX_ATTEMPTS, "max_attempts", "must be from 1 to " + MAX_ATTEMPTS);
    return wanted;
  }

  private @Nullable SenderAccount sender(
      Apps.Profile profile, MessageDraft draft, Violations violations) {
    SenderId id =
        draft.senderId() == null
            ? profile.defaultSender().orElse(null)
            : new SenderId(draft.senderId());
    if (id == null) {
      violations.add("sender_id", "is required: the application has no default sender");
      return null;
    }
    SenderAccount sender = apps.sender(profile.app().id(), id).orElse(null);
    if (sender == null) {
      violations.add("sender_id", "is not a sender of this application");
    }
    return sender;
  }

  private static @Nullable String recipient(
      Apps.Profile profile, MessageDraft draft, Provider provider, Violations violations) {
    String raw = draft.recipient() == null ? profile.app().defaultRecipient() : draft.recipient();
    if (raw == null) {
      violations.add("recipient", "is required: the application has no default_recipient");
      return null;
    }
    return switch (provider.recipient(raw)) {
      case Checked.Ok(var recipient) -> recipient;
      case Checked.Bad(var detail) -> {
        violations.add("recipient", detail);
        yield null;
      }
    };
  }

  /** A time a message may be moved to. */
  Instant reschedulable(String text) {
    Violations violations = new Violations();
    Instant at = time("scheduled_for", text, violations);
    checkTimes(clock.instant(), at, null, violations);
    violations.throwIfAny();
    return at == null ? clock.instant() : at;
  }

  /**
   * The same message once more, as a new one. An end is an end: the old message keeps its story,
   * and the new one says whom it follows.
   */
  Message again(StoredMessage old, Correlation correlation) {
    boolean over =
        old.status() == MessageStatus.FAILED
            || old.status() == MessageStatus.EXPIRED
            || old.status() == MessageStatus.CANCELED;
    if (!over) {
      throw ProblemException.of(
          Problem.CONFLICT,
          "The message is "
              + old.status().word()
              + "; only one that failed, expired or was canceled can be sent again.");
    }
    Message message = old.message();
    Apps.Profile profile = profile(message.app());
    if (apps.sender(profile.app().id(), message.sender()).isEmpty()) {
      throw ProblemException.of(Problem.CONFLICT, "The message's sender has been deleted.");
    }
    return new Message(
        ids.next(),
        message.app(),
        message.sender(),
        message.recipient(),
        message.content(),
        message.metadata(),
        message.priority(),
        message.hold(),
        message.maxAttempts(),
        clock.instant().plus(settings.maxAge()),
        null,
        correlation,
        message.id());
  }

  /** The application a message is for; 404 where it is gone. */
  Apps.Profile profile(AppId app) {
    return apps.profile(app).orElseThrow(() -> ProblemException.notFound("application"));
  }
}
