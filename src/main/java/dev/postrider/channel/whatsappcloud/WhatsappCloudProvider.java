package dev.postrider.channel.whatsappcloud;

import dev.postrider.channel.Callback;
import dev.postrider.channel.Content;
import dev.postrider.channel.Outbound;
import dev.postrider.channel.PhoneNumbers;
import dev.postrider.channel.Provider;
import dev.postrider.channel.Receipt;
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
import java.security.MessageDigest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** WhatsApp through Meta's Cloud API: text, media by address, and approved templates. */
@Component
class WhatsappCloudProvider implements Provider {
  private static final String API = "https://graph.facebook.com";
  private static final String VERSION = "v23.0";
  private static final int MAX_TEXT = 4096;
  private static final int MAX_CAPTION = 1024;
  private static final int MAX_CHALLENGE = 200;
  private static final Duration DEADLINE = Duration.ofSeconds(15);
  private static final Pattern NUMBER_ID = Pattern.compile("[0-9]{5,25}");
  private static final Pattern VERSIONS = Pattern.compile("v[0-9]{1,3}\\.[0-9]{1,2}");

  private final EgressClient egress;
  private final InstantSource clock;

  WhatsappCloudProvider(EgressClient egress, InstantSource clock) {
    this.egress = egress;
    this.clock = clock;
  }

  @Override
  public String name() {
    return "whatsapp_cloud";
  }

  @Override
  public String channel() {
    return "whatsapp";
  }

  @Override
  public boolean carriesApproved() {
    return true;
  }

  @Override
  public Duration deadline() {
    return DEADLINE;
  }

  @Override
  public List<FieldError> checkSender(SenderAccount account) {
    return new SenderChecks(account)
        .known(
            Set.of("phone_number_id", "version", "base_url"),
            Set.of("access_token", "app_secret", "verify_token"))
        .required("phone_number_id")
        .requiredCredential("access_token")
        .like("phone_number_id", NUMBER_ID, "must be the number's id at Meta: digits")
        .like("version", VERSIONS, "must be a version such as " + VERSION)
        .httpUrl("base_url")
        .phoneAddress()
        .violations()
        .errors();
  }

  @Override
  public Checked recipient(String raw) {
    return PhoneNumbers.e164(raw);
  }

  @Override
  public List<FieldError> checkContent(Content content) {
    Violations violations = content.plain(content.media() == null ? MAX_TEXT : MAX_CAPTION);
    Content.Media media = content.media();
    violations.require(
        media == null || media.url() != null, "media.url", "is required: WhatsApp fetches media");
    return violations.errors();
  }

  @Override
  public SendResult send(Outbound outbound) {
    SenderAccount sender = outbound.sender();
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("messaging_product", "whatsapp");
    body.put("recipient_type", "individual");
    body.put("to", outbound.recipient().substring(1));
    CloudContent.write(outbound.content(), body);
    Map<String, String> headers = outbound.tracing();
    headers.put("Authorization", "Bearer " + sender.credential("access_token").orElseThrow());
    Reply reply =
        egress.exchange(
            new EgressClient.Request(
                "POST",
                messages(sender),
                headers,
                Json.bytes(body),
                outbound.deadline(),
                sender.trusted()));
    return SendResult.of(reply, this::judge);
  }

  private static URI messages(SenderAccount sender) {
    return URI.create(
        SenderChecks.httpUri(sender.setting("base_url").orElse(API))
            + "/"
            + sender.setting("version").orElse(VERSION)
            + "/"
            + sender.setting("phone_number_id").orElseThrow()
            + "/messages");
  }

  private SendResult judge(Reply.Answer answer) {
    JsonNode body = Json.tree(answer.body());
    if (answer.isSuccess()) {
      return SendResult.taken(
          "WhatsApp", body == null ? "" : body.at("/messages/0/id").asString(""));
    }
    JsonNode error = body == null ? Json.mapper().nullNode() : body.path("error");
    return CloudErrors.ALL.judge(
        answer,
        "subcode_" + error.path("error_subcode").asString(""),
        error.path("code").asString(""),
        clock.instant());
  }

  @Override
  public Optional<String> challenge(
      SenderAccount account, Function<String, Optional<String>> query) {
    boolean isMeant =
        query.apply("hub.mode").equals(Optional.of("subscribe"))
            && isToken(account, query.apply("hub.verify_token").orElse(""));
    return isMeant
        ? query.apply("hub.challenge").filter(it -> it.length() <= MAX_CHALLENGE)
        : Optional.empty();
  }

  private static boolean isToken(SenderAccount account, String given) {
    return account
        .credential("verify_token")
        .map(it ->
            MessageDigest.isEqual(
                it.getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8)))
        .orElse(false);
  }

  @Override
  public List<Receipt> receipts(SenderAccount account, Callback callback) {
    CloudReceipts.verify(callback, account.credential("app_secret").orElse(null));
    return CloudReceipts.parse(callback.body(), account.setting("phone_number_id").orElseThrow());
  }
}
