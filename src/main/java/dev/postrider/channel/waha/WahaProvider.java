package dev.postrider.channel.waha;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.postrider.channel.Callback;
import dev.postrider.channel.Content;
import dev.postrider.channel.ErrorTable;
import dev.postrider.channel.ErrorTable.Meaning;
import dev.postrider.channel.Outbound;
import dev.postrider.channel.PhoneNumbers;
import dev.postrider.channel.Provider;
import dev.postrider.channel.Receipt;
import dev.postrider.channel.RetryAfter;
import dev.postrider.channel.SendResult;
import dev.postrider.channel.SenderAccount;
import dev.postrider.channel.SenderChecks;
import dev.postrider.channel.egress.EgressSockets;
import dev.postrider.channel.egress.Reply;
import dev.postrider.platform.FieldError;
import dev.postrider.platform.Json;
import dev.postrider.platform.Text;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** WhatsApp through WAHA: text, images and files to people and groups. */
@Component
class WahaProvider implements Provider {
  private static final int MAX_TEXT = 4096;
  private static final int MAX_CAPTION = 1024;
  private static final Duration DEADLINE = Duration.ofSeconds(15);

  /** A person, a group, a hidden id or a channel, as WAHA addresses them. */
  private static final Pattern CHAT_ID =
      Pattern.compile("[0-9]{5,20}(-[0-9]{5,20})?@(c\\.us|g\\.us|lid|newsletter)");

  private static final String PERSON = "@c.us";

  /**
   * A session that is not WORKING answers 422 with its status and is handled before; 404 means that
   * the session or the route is unknown, 501 that the engine cannot do it.
   */
  static final ErrorTable ERRORS = ErrorTable.HTTP.with(Meaning.REJECT, "http_501");

  private final WahaClient client;
  private final WahaIds ids;
  private final EgressSockets sockets;
  private final InstantSource clock;

  /** Chat ids that WhatsApp confirmed, by sender and number. */
  private final Cache<String, String> chats =
      Caffeine.newBuilder().maximumSize(50_000).expireAfterWrite(Duration.ofHours(24)).build();

  WahaProvider(WahaClient client, WahaIds ids, EgressSockets sockets, InstantSource clock) {
    this.sockets = sockets;
    this.client = client;
    this.ids = ids;
    this.clock = clock;
  }

  @Override
  public String name() {
    return "waha";
  }

  @Override
  public String channel() {
    return "whatsapp";
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
                Set.of("base_url", "session", "check_number", "choose_ids"),
                Set.of("api_key", "hmac_key"))
            .httpUrl("base_url")
            .oneOf("check_number", Set.of("auto", "always", "never"))
            .oneOf("choose_ids", Set.of("true", "false"));
    account
        .setting("session")
        .ifPresent(session ->
            checks
                .violations()
                .require(
                    session.matches("[A-Za-z0-9_-]{1,64}"),
                    "settings.session",
                    "must be a WAHA session name: letters, digits, _ and -"));
    boolean own = account.setting("base_url").isPresent();
    if (own) {
      checks.requiredCredential("api_key");
    } else if (!account.trusted() || !client.hasEnvironment()) {
      checks
          .violations()
          .add("settings.base_url", "is required: the URL of the WAHA server, with its api_key");
    }
    checks.phoneAddress();
    return checks.violations().errors();
  }

  @Override
  public Checked recipient(String raw) {
    return CHAT_ID.matcher(raw).matches() ? new Checked.Ok(raw) : PhoneNumbers.e164(raw);
  }

  @Override
  public List<FieldError> checkContent(Content content) {
    return content.plain(content.media() == null ? MAX_TEXT : MAX_CAPTION).errors();
  }

  @Override
  public SendResult send(Outbound outbound) {
    Content content = outbound.content();
    if (content.media() != null && !mayFetch(content.media())) {
      return new SendResult.Rejected(
          "address_refused", "media.url has an address that is not public", false);
    }
    long start = System.nanoTime();
    Resolved chat = chat(outbound.within(outbound.deadline().dividedBy(3)));
    if (chat.problem() != null) {
      return chat.problem();
    }
    Duration left = outbound.deadline().minusNanos(System.nanoTime() - start);
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("session", client.session(outbound.sender()));
    body.put("chatId", chat.chatId());
    Optional<String> chosen = chosenId(outbound);
    String path =
        switch (content.type()) {
          case TEXT -> {
            body.put("text", content.text());
            chosen.ifPresent(id -> body.put("id", id));
            yield "/api/sendText";
          }
          case IMAGE, FILE -> {
            body.put("file", file(content));
            if (content.text() != null) {
              body.put("caption", content.text());
            }
            yield content.type() == Content.Type.IMAGE ? "/api/sendImage" : "/api/sendFile";
          }
          case WHATSAPP_TEMPLATE -> throw new IllegalStateException("WAHA carries none");
        };
    return switch (client.post(outbound.within(left), path, body)) {
      case Reply.NotSent(var code, var detail) -> SendResult.senderDeferred(code, detail);
      case Reply.Broken(var code, var detail) -> new SendResult.Unclear(code, detail, chosen);
      case Reply.Answer answer -> judge(answer, chosen);
    };
  }

  /**
   * WAHA fetches media by itself, from inside the operator's network: a customer's URL may not name
   * a private address there. A name that does not resolve here is left to WAHA.
   */
  private boolean mayFetch(Content.Media media) {
    return media.url() == null || sockets.mayReach(URI.create(media.url()).getHost());
  }

  private static Map<String, Object> file(Content content) {
    Content.Media media = content.media();
    if (media == null) {
      throw new IllegalStateException("an image or a file has media");
    }
    Map<String, Object> file = new LinkedHashMap<>();
    file.put("mimetype", media.mimetype());
    file.put("filename", media.filename());
    if (media.url() != null) {
      file.put("url", media.url());
    } else if (media.data() != null) {
      file.put("data", Base64.getEncoder().encodeToString(media.data()));
    }
    return file;
  }

  private SendResult judge(Reply.Answer answer, Optional<String> chosen) {
    JsonNode body = Json.tree(answer.body());
    if (answer.isSuccess()) {
      String id = WahaIds.inAnswer(body);
      return id != null
          ? new SendResult.Accepted(id)
          : new SendResult.Unclear("bad_2xx", "WAHA said yes but named no message", chosen);
    }
    int status = answer.status();
    if (status == 422 && body != null && body.has("expected")) {
      String session = Text.cleaned(body.path("status").asString("unknown"), 40);
      return SendResult.senderDeferred(
          "session_not_working", "the WAHA session is " + session + ", not WORKING");
    }
    Optional<Duration> retryAfter =
        answer.header("retry-after").flatMap(it -> RetryAfter.parse(it, clock.instant()));
    SendResult result =
        ErrorTable.answer(
            ERRORS.ofHttp(answer, isItsOwn(body)),
            "http_" + status,
            detail(status, body),
            retryAfter);
    return result instanceof SendResult.Unclear(var code, var detail, _)
        ? new SendResult.Unclear(code, detail, chosen)
        : result;
  }

  /** As NestJS writes an error; a proxy before it does not. */
  private static boolean isItsOwn(@Nullable JsonNode body) {
    return body != null && body.path("statusCode").isNumber();
  }

  private static String detail(int status, @Nullable JsonNode body) {
    String message =
        body == null ? "" : body.path("message").asString(body.path("error").asString(""));
    return Text.cleaned("WAHA answered " + status + " " + message, 200);
  }

  /** The id we ask for; only texts can have one (field {@code id} of sendText, since 2026.4.3). */
  @Override
  public Optional<String> expectedId(
      SenderAccount sender, long messageId, Instant acceptedAt, Content content) {
    boolean wanted = sender.setting("choose_ids").map(Boolean::parseBoolean).orElse(true);
    return wanted && content.type() == Content.Type.TEXT
        ? Optional.of(ids.chosen(messageId, acceptedAt))
        : Optional.empty();
  }

  private Optional<String> chosenId(Outbound outbound) {
    return expectedId(
        outbound.sender(), outbound.messageId(), outbound.acceptedAt(), outbound.content());
  }

  @Override
  public boolean looksUp(SenderAccount sender, Content content) {
    return expectedId(sender, 0, Instant.EPOCH, content).isPresent();
  }

  @Override
  public Found find(Outbound outbound) {
    Optional<String> chosen = chosenId(outbound);
    Duration half = outbound.deadline().dividedBy(2);
    Resolved chat = chat(outbound.within(half));
    if (chosen.isEmpty() || chat.problem() != null) {
      return new Found.Unknown();
    }
    String path =
        "/api/%s/chats/%s/messages/%s"
            .formatted(
                WahaClient.encoded(client.session(outbound.sender())),
                WahaClient.encoded(chat.chatId()),
                WahaClient.encoded("true_" + chat.chatId() + "_" + chosen.get()));
    if (!(client.get(outbound, path, half) instanceof Reply.Answer answer)) {
      return new Found.Unknown();
    }
    String body = new String(answer.body(), java.nio.charset.StandardCharsets.UTF_8);
    if (answer.isSuccess() && body.contains(chosen.get())) {
      // One that WhatsApp has met with an error is there and did not get through: another attempt
      // may, and one that must not be repeated waits for the receipt that says so.
      JsonNode found = Json.tree(answer.body());
      boolean failed =
          found != null && WahaReceipts.kind(found.path("ack").asInt(0)) == Receipt.Kind.FAILED;
      return failed ? new Found.Unknown() : new Found.There(chosen.get());
    }
    // In a group, or under a hidden id, a message's id has more parts than we know, and some
    // engines
    // find nothing by ours: a miss is a no of a person's chat only.
    boolean known = chat.chatId().endsWith(PERSON);
    boolean aboutSession = body.toLowerCase(java.util.Locale.ROOT).contains("session");
    // An engine that does not know the message may also say so with an empty 200.
    boolean missed = answer.isSuccess() || (answer.status() == 404 && !aboutSession);
    return known && missed ? new Found.NotThere() : new Found.Unknown();
  }

  @Override
  public List<Receipt> receipts(SenderAccount account, Callback callback) {
    WahaReceipts.verify(callback, client.hmacKey(account).orElse(null));
    return WahaReceipts.parse(callback.body(), client.session(account));
  }

  private record Resolved(String chatId, @Nullable SendResult problem) {}

  /**
   * The chat of a recipient. Brazilian mobile numbers exist with and without their ninth digit, and
   * only WhatsApp knows which one it registered: those are asked for, once a day.
   */
  private Resolved chat(Outbound outbound) {
    String recipient = outbound.recipient();
    if (!recipient.startsWith("+")) {
      return new Resolved(recipient, null);
    }
    String direct = recipient.substring(1) + PERSON;
    String mode = outbound.sender().setting("check_number").orElse("auto");
    boolean ask = mode.equals("always") || (mode.equals("auto") && recipient.startsWith("+55"));
    if (!ask) {
      return new Resolved(direct, null);
    }
    String key = outbound.sender().senderId() + recipient;
    String known = chats.getIfPresent(key);
    return known != null ? new Resolved(known, null) : ask(outbound, key, direct);
  }

  private Resolved ask(Outbound outbound, String key, String direct) {
    String path =
        "/api/contacts/check-exists?phone=%s&session=%s"
            .formatted(
                outbound.recipient().substring(1),
                WahaClient.encoded(client.session(outbound.sender())));
    Reply reply = client.get(outbound, path, outbound.deadline());
    if (!(reply instanceof Reply.Answer answer)) {
      return new Resolved(
          direct, SendResult.senderDeferred("check_failed", "the number could not be checked"));
    }
    if (!answer.isSuccess()) {
      SendResult judged = judge(answer, Optional.empty());
      // Asking sends nothing, so nothing about it is unclear; but it may be this number's fault.
      return new Resolved(
          direct,
          judged instanceof SendResult.Unclear(var code, var detail, _)
              ? new SendResult.Deferred(SendResult.Scope.EITHER, code, detail, Optional.empty())
              : judged);
    }
    JsonNode body = Json.tree(answer.body());
    if (body == null || !body.path("numberExists").isBoolean()) {
      return new Resolved(
          direct, SendResult.senderDeferred("check_failed", "the check said neither yes nor no"));
    }
    if (!body.path("numberExists").booleanValue()) {
      return new Resolved(
          direct, new SendResult.Rejected("not_on_whatsapp", "the number is not on WhatsApp"));
    }
    String chatId = body.path("chatId").asString(direct);
    if (!CHAT_ID.matcher(chatId).matches()) {
      // It would be remembered as it is, however long.
      return new Resolved(
          direct, SendResult.senderDeferred("check_failed", "the check named no chat"));
    }
    chats.put(key, chatId);
    return new Resolved(chatId, null);
  }
}
