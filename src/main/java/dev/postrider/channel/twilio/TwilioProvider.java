package dev.postrider.channel.twilio;

import dev.postrider.channel.Callback;
import dev.postrider.channel.CallbackRefused;
import dev.postrider.channel.Content;
import dev.postrider.channel.Outbound;
import dev.postrider.channel.PhoneNumbers;
import dev.postrider.channel.Provider;
import dev.postrider.channel.Receipt;
import dev.postrider.channel.Segments;
import dev.postrider.channel.SendResult;
import dev.postrider.channel.SenderAccount;
import dev.postrider.channel.SenderChecks;
import dev.postrider.channel.egress.EgressClient;
import dev.postrider.channel.egress.Reply;
import dev.postrider.platform.FieldError;
import dev.postrider.platform.Json;
import dev.postrider.platform.Violations;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.hc.core5.http.NameValuePair;
import org.apache.hc.core5.http.message.BasicNameValuePair;
import org.apache.hc.core5.net.WWWFormCodec;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** SMS through Twilio; MMS where there is media. */
@Component
class TwilioProvider implements Provider {
  private static final String API = "https://api.twilio.com";

  /** Twilio's limit for {@code Body}. */
  private static final int MAX_TEXT = 1600;

  /** Twilio's limits for {@code ValidityPeriod}, in seconds; the longest is its default. */
  private static final long SHORTEST_VALIDITY = 1;

  private static final long LONGEST_VALIDITY = 36_000;
  private static final String FORM = "application/x-www-form-urlencoded";
  private static final Duration DEADLINE = Duration.ofSeconds(15);

  /**
   * Asks Twilio to repeat a callback that it could not bring, or that was answered with 5xx, up to
   * five times; all within 15 s. Otherwise a node that restarts would cost receipts. Neither called
   * nor signed: <a href="https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides">
   * connection overrides</a>.
   */
  private static final String REPEATED = "#rc=5&rp=5xx,ct,rt";

  private static final Pattern ACCOUNT = Pattern.compile("AC[0-9a-f]{32}");
  private static final Pattern SERVICE = Pattern.compile("MG[0-9a-f]{32}");
  private static final Pattern SHORT_CODE = Pattern.compile("[0-9]{3,8}");

  /** A name instead of a number, in countries that have them: one letter at least. */
  private static final Pattern SENDER_NAME =
      Pattern.compile("(?=.*[A-Za-z])[A-Za-z0-9 +&_-]{1,11}");

  private final EgressClient egress;
  private final InstantSource clock;

  TwilioProvider(EgressClient egress, InstantSource clock) {
    this.egress = egress;
    this.clock = clock;
  }

  @Override
  public String name() {
    return "twilio";
  }

  @Override
  public String channel() {
    return "sms";
  }

  @Override
  public Duration deadline() {
    return DEADLINE;
  }

  @Override
  public List<FieldError> checkSender(SenderAccount account) {
    SenderChecks checks =
        new SenderChecks(account)
            .known(
                Set.of("account_sid", "messaging_service_sid", "base_url", "public_url"),
                Set.of("auth_token", "api_key", "api_secret"))
            .required("account_sid")
            .requiredCredential("auth_token")
            .like("account_sid", ACCOUNT, "must be AC and 32 hexadecimal digits")
            .like("messaging_service_sid", SERVICE, "must be MG and 32 hexadecimal digits")
            .httpUrl("base_url")
            .httpUrl("public_url");
    Violations violations = checks.violations();
    violations.require(
        account.credential("api_key").isPresent() == account.credential("api_secret").isPresent(),
        "credentials.api_secret",
        "is required with api_key, and only with it");
    String from = account.address();
    if (from == null) {
      violations.require(
          account.setting("messaging_service_sid").isPresent(),
          "address",
          "or settings.messaging_service_sid is required: what messages come from");
    } else {
      violations.require(
          SHORT_CODE.matcher(from).matches()
              || SENDER_NAME.matcher(from).matches()
              || PhoneNumbers.e164(from) instanceof Checked.Ok,
          "address",
          "must be a number in international form, a short code, or a name of at most 11 characters");
    }
    return violations.errors();
  }

  @Override
  public Checked recipient(String raw) {
    return PhoneNumbers.e164(raw);
  }

  @Override
  public List<FieldError> checkContent(Content content) {
    Violations violations = content.plain(MAX_TEXT);
    Content.Media media = content.media();
    violations.require(
        media == null || media.url() != null, "media.url", "is required: Twilio fetches media");
    return violations.errors();
  }

  @Override
  public Optional<Segments> segments(Content content) {
    return content.media() == null && content.text() != null
        ? Optional.of(Segments.of(content.text()))
        : Optional.empty();
  }

  @Override
  public SendResult send(Outbound outbound) {
    SenderAccount sender = outbound.sender();
    Map<String, String> form = new LinkedHashMap<>();
    form.put("To", outbound.recipient());
    if (sender.address() != null) {
      form.put("From", sender.address());
    }
    sender.setting("messaging_service_sid").ifPresent(it -> form.put("MessagingServiceSid", it));
    Content content = outbound.content();
    if (content.text() != null) {
      form.put("Body", content.text());
    }
    if (content.media() != null && content.media().url() != null) {
      form.put("MediaUrl", content.media().url());
    }
    validity(outbound.expiresAt()).ifPresent(it -> form.put("ValidityPeriod", Long.toString(it)));
    callbackUrl(sender).ifPresent(it -> form.put("StatusCallback", it + REPEATED));
    Map<String, String> headers = outbound.tracing();
    headers.put("Authorization", basic(sender));
    headers.put("Content-Type", FORM);
    Reply reply =
        egress.exchange(
            new EgressClient.Request(
                "POST",
                messages(sender),
                headers,
                written(form),
                outbound.deadline(),
                sender.trusted()));
    return SendResult.of(reply, this::judge);
  }

  private static byte[] written(Map<String, String> form) {
    List<NameValuePair> fields = new ArrayList<>();
    form.forEach((name, value) -> fields.add(new BasicNameValuePair(name, value)));
    return WWWFormCodec.format(fields, StandardCharsets.UTF_8).getBytes(StandardCharsets.US_ASCII);
  }

  /** How long Twilio may go on trying; empty for as long as it does by itself. */
  private Optional<Long> validity(@Nullable Instant expiresAt) {
    if (expiresAt == null) {
      return Optional.empty();
    }
    long left = Duration.between(clock.instant(), expiresAt).toSeconds();
    return left >= LONGEST_VALIDITY
        ? Optional.empty()
        : Optional.of(Math.max(SHORTEST_VALIDITY, left));
  }

  private static URI messages(SenderAccount sender) {
    String base = sender.setting("base_url").orElse(API);
    return URI.create(
        SenderChecks.httpUri(base)
            + "/2010-04-01/Accounts/"
            + sender.setting("account_sid").orElseThrow()
            + "/Messages.json");
  }

  private static String basic(SenderAccount sender) {
    String user =
        sender.credential("api_key").orElseGet(() -> sender.setting("account_sid").orElseThrow());
    String secret =
        sender
            .credential("api_secret")
            .orElseGet(() -> sender.credential("auth_token").orElseThrow());
    byte[] both = (user + ":" + secret).getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(both);
  }

  private SendResult judge(Reply.Answer answer) {
    JsonNode body = Json.tree(answer.body());
    if (answer.isSuccess()) {
      return SendResult.taken("Twilio", body == null ? "" : body.path("sid").asString(""));
    }
    return TwilioErrors.ALL.judge(
        answer, "", body == null ? "" : body.path("code").asString(""), clock.instant());
  }

  /** Where Twilio tells what became of a message; empty when it is not to. */
  private static Optional<URI> callbackUrl(SenderAccount account) {
    return account
        .setting("public_url")
        .map(it -> URI.create(SenderChecks.httpUri(it) + "/hooks/twilio/" + account.senderId()));
  }

  @Override
  public List<Receipt> receipts(SenderAccount account, Callback callback) {
    URI url =
        callbackUrl(account)
            .orElseThrow(
                () -> new CallbackRefused("the sender has no public_url to check callbacks with"));
    String token = account.credential("auth_token").orElseThrow();
    Map<String, String> fields = TwilioReceipts.verified(callback, url, token);
    return TwilioReceipts.parse(fields, account.setting("account_sid").orElseThrow());
  }
}
