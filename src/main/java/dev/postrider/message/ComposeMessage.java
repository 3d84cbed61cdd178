package dev.postrider.message;

import dev.postrider.app.AppId;
import dev.postrider.app.Apps;
import dev.postrider.app.SenderId;
import dev.postrider.channel.ApprovedTemplate;
import dev.postrider.channel.Content;
import dev.postrider.channel.Provider;
import dev.postrider.channel.Provider.Checked;
import dev.postrider.channel.Providers;
import dev.postrider.platform.Correlation;
import dev.postrider.platform.FieldError;
import dev.postrider.platform.Problem;
import dev.postrider.platform.ProblemException;
import dev.postrider.platform.Violations;
import dev.postrider.platform.Wired;
import dev.postrider.platform.database.Ids;
import dev.postrider.platform.secret.Vault;
import dev.postrider.queue.Priority;
import dev.postrider.template.Allowance;
import dev.postrider.template.Rendered;
import dev.postrider.template.TemplateRef;
import dev.postrider.template.Templates;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Turns what a caller asked for into a message, or says everything that is wrong with it. */
@Wired
public class ComposeMessage {
  private static final int MAX_METADATA = 4096;
  private static final int MAX_ATTEMPTS = 50;
  private static final Pattern CAMPAIGN = Pattern.compile("[A-Za-z0-9._:-]{1,64}");

  private final Apps apps;
  private final Providers providers;
  private final Templates templates;
  private final Ids ids;
  private final InstantSource clock;
  private final MessageSettings settings;

  public ComposeMessage(
      Apps apps,
      Providers providers,
      Templates templates,
      Ids ids,
      InstantSource clock,
      MessageSettings settings) {
    this.apps = apps;
    this.providers = providers;
    this.templates = templates;
    this.ids = ids;
    this.clock = clock;
    this.settings = settings;
  }

  /** What the messages of one request may take; open until they are stored, or forgotten. */
  Allowance allowance(AppId app) {
    return templates.allowance(app);
  }

  /** A message by itself. */
  Message compose(Apps.Profile profile, MessageDraft draft, Correlation correlation) {
    try (Allowance allowance = allowance(profile.app().id())) {
      return compose(profile, draft, correlation, allowance);
    }
  }

  /**
   * @param allowance of all that come together
   */
  Message compose(
      Apps.Profile profile, MessageDraft draft, Correlation correlation, Allowance allowance) {
    Violations violations = new Violations();
    Apps.Usable sender = sender(profile, draft, violations);
    Words words = words(profile, draft, sender, allowance, violations);
    Instant now = clock.instant();
    Timing timing = Timing.of(draft.times(), now, violations);
    Priority priority = priority(draft.priority(), violations);
    MessageClass kind = kind(draft.messageClass(), violations);
    checkCampaign(draft.campaignId(), violations);
    boolean hold = hold(draft.onAmbiguous(), violations);
    checkMaxAttempts(draft.maxAttempts(), violations);
    if (draft.metadata() != null) {
      violations.require(
          draft.metadata().length() <= MAX_METADATA,
          "metadata",
          "may have at most " + MAX_METADATA + " characters as JSON");
    }
    String recipient = null;
    if (sender != null) {
      Provider provider = providers.of(sender.account());
      violations.addAll(provider.checkContent(words.content()));
      violations.require(
          words.content().approved() == null || provider.carriesApproved(),
          "whatsapp_template",
          "cannot be sent by " + provider.name());
      recipient = recipient(profile, draft, provider, violations);
    }
    violations.throwIfAny();
    if (sender == null || recipient == null) {
      throw new IllegalStateException("a message without a violation has a sender and a recipient");
    }
    Instant scheduledFor = timing.scheduledFor();
    Instant due = Timing.due(scheduledFor, now);
    Instant expiresAt =
        timing.expiresAt() == null ? due.plus(settings.maxAge()) : timing.expiresAt();
    return new Message(
        ids.next(),
        profile.app().id(),
        new SenderId(sender.account().senderId()),
        recipient,
        words.content(),
        draft.metadata(),
        priority,
        hold,
        maxAttempts(draft.maxAttempts(), profile, sender),
        expiresAt,
        scheduledFor,
        firstTurn(profile, kind, timing, due, expiresAt),
        kind,
        timing.recipientZone(),
        draft.campaignId(),
        correlation,
        null,
        words.template());
  }

  /** What it says, and where that comes from. */
  private record Words(Content content, @Nullable TemplateRef template) {}

  /** Of a message that has a violation anyway. */
  private static final Words NO_WORDS = new Words(Content.text(""), null);

  private Words words(
      Apps.Profile profile,
      MessageDraft draft,
      Apps.@Nullable Usable sender,
      Allowance allowance,
      Violations violations) {
    if (draft.template() == null) {
      return new Words(DraftedContent.of(draft, violations), null);
    }
    violations.require(
        draft.content() == null
            && draft.html() == null
            && draft.subject() == null
            && draft.approved() == null,
        "template",
        "brings the words; give it, or whatsapp_template, message_content, message_html and subject");
    if (sender == null) {
      return NO_WORDS;
    }
    Provider provider = providers.of(sender.account());
    Rendered rendered =
        templates.render(
            profile.app().id(), draft.template(), provider.channel(), allowance, violations);
    if (rendered == null) {
      return NO_WORDS;
    }
    ApprovedTemplate approved = rendered.approved();
    if (approved != null && provider.carriesApproved()) {
      return new Words(
          DraftedContent.approved(draft, approved, "template", violations), rendered.ref());
    }
    // Words for all channels may have more than this one carries.
    Rendered carried =
        rendered.ownChannel() || provider.carriesHtml() ? rendered : rendered.textOnly();
    if (!violations.require(
        carried.text() != null || carried.html() != null,
        "template",
        "has no text for " + provider.name())) {
      return NO_WORDS;
    }
    return new Words(
        DraftedContent.of(
            draft.withWords(carried.text(), carried.subject(), carried.html()), violations),
        rendered.ref());
  }

  /** Its own time, or the end of the quiet hours that hold then. */
  private static @Nullable Instant firstTurn(
      Apps.Profile profile, MessageClass kind, Timing timing, Instant due, Instant expiresAt) {
    if (kind == MessageClass.OTP) {
      return timing.scheduledFor();
    }
    return profile
        .policy()
        .quietHours()
        .flatMap(quiet -> quiet.endsAfter(due, timing.recipientZone()))
        // Not beyond its deadline: at that moment it is claimed, and found expired.
        .map(end -> end.isAfter(expiresAt) ? expiresAt : end)
        .orElse(timing.scheduledFor());
  }

  private static MessageClass kind(@Nullable String word, Violations violations) {
    if (word == null) {
      return MessageClass.STANDARD;
    }
    return MessageClass.parse(word)
        .orElseGet(() -> {
          violations.add("message_class", "must be one of standard, otp");
          return MessageClass.STANDARD;
        });
  }

  /** A campaign that can exist; 404 for any other name. */
  static CampaignId campaign(AppId app, String name) {
    if (!CAMPAIGN.matcher(name).matches()) {
      throw ProblemException.notFound("campaign");
    }
    return new CampaignId(app, name);
  }

  private static void checkCampaign(@Nullable String id, Violations violations) {
    violations.require(
        id == null || CAMPAIGN.matcher(id).matches(),
        "campaign_id",
        "must be 1 to 64 of letters, digits, and . _ : -");
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

  private static void checkMaxAttempts(@Nullable Integer wanted, Violations violations) {
    violations.require(
        wanted == null || (wanted >= 1 && wanted <= MAX_ATTEMPTS),
        "max_attempts",
        "must be from 1 to " + MAX_ATTEMPTS);
  }

  private int maxAttempts(@Nullable Integer wanted, Apps.Profile profile, Apps.Usable sender) {
    if (wanted != null) {
      return wanted;
    }
    Integer ruled = apps.retryRule(profile.app().id(), sender).maxAttempts();
    return ruled == null ? settings.maxAttempts() : ruled;
  }

  private Apps.@Nullable Usable sender(
      Apps.Profile profile, MessageDraft draft, Violations violations) {
    SenderId id =
        draft.senderId() == null
            ? profile.defaultSender().orElse(null)
            : new SenderId(draft.senderId());
    if (id == null) {
      violations.add("sender_id", "is required: the application has no default sender");
      return null;
    }
    Apps.Usable sender = sender(profile.app().id(), id).orElse(null);
    if (sender == null) {
      violations.add("sender_id", "is not a sender of this application");
    } else if (providers.find(sender.account().provider()).isEmpty()) {
      throw ProblemException.unavailable(
          new FieldError(
              "sender_id",
              "names a sender whose provider this node's version does not have: a newer node can"
                  + " tell what it takes"));
    }
    return sender;
  }

  private Optional<Apps.Usable> sender(AppId app, SenderId id) {
    try {
      return apps.sender(app, id);
    } catch (Vault.SealBroken _) {
      throw ProblemException.unavailable(
          new FieldError(
              "sender_id",
              "names a sender whose credentials do not open with this node's master key: give them"
                  + " again, or start the node with the key that sealed them"));
    }
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

  /** A time a message may be moved to, and its new deadline where it gets one. */
  Timing reschedulable(MessageDraft.Times wanted) {
    Violations violations = new Violations();
    Instant now = clock.instant();
    Timing timing = Timing.of(wanted, now, violations);
    violations.throwIfAny();
    return new Timing(Timing.due(timing.scheduledFor(), now), timing.expiresAt(), null);
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
    if (sender(profile.app().id(), message.sender()).isEmpty()) {
      throw ProblemException.of(Problem.CONFLICT, "The message's sender has been deleted.");
    }
    Instant now = clock.instant();
    Timing timing = new Timing(null, null, message.recipientZone());
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
        now.plus(settings.maxAge()),
        null,
        firstTurn(profile, message.kind(), timing, now, now.plus(settings.maxAge())),
        message.kind(),
        message.recipientZone(),
        message.campaignId(),
        correlation,
        message.id(),
        message.template());
  }

  /** The application a message is for; 404 where it is gone. */
  Apps.Profile profile(AppId app) {
    return apps.required(app);
  }
}
