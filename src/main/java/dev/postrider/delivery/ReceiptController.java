package dev.postrider.delivery;

import dev.postrider.app.Apps;
import dev.postrider.app.SenderId;
import dev.postrider.channel.Callback;
import dev.postrider.channel.CallbackRefused;
import dev.postrider.channel.Providers;
import dev.postrider.channel.Receipt;
import dev.postrider.channel.SenderAccount;
import dev.postrider.platform.Envelope;
import dev.postrider.platform.Overloaded;
import dev.postrider.platform.Problem;
import dev.postrider.platform.ProblemException;
import dev.postrider.platform.secret.Vault;
import dev.postrider.platform.web.Access;
import dev.postrider.platform.web.Body;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Where providers report to. No API key: the callback is signed with the sender's own secret, over
 * its raw body.
 */
@RestController
@RequestMapping("/hooks")
@Tag(name = "Provider callbacks")
class ReceiptController {
  private static final Logger log = LoggerFactory.getLogger(ReceiptController.class);

  private final Apps apps;
  private final Providers providers;
  private final TakeReceipts receipts;

  ReceiptController(Apps apps, Providers providers, TakeReceipts receipts) {
    this.apps = apps;
    this.providers = providers;
    this.receipts = receipts;
  }

  /** How many receipts a callback held. */
  record Taken(int receipts) {}

  @Access(Access.Who.ANYONE)
  @PostMapping("/{provider}/{senderId}")
  @Operation(
      summary = "Take in a provider's callback",
      description = "Answers 200 only after what it tells is durable.")
  Envelope<Taken> callback(
      @PathVariable String provider, @PathVariable long senderId, HttpServletRequest request) {
    // An unknown sender and a wrong signature look the same from outside.
    SenderAccount sender =
        sender(provider, senderId)
            .orElseThrow(() -> refused(senderId, "there is no such sender of this provider"));
    byte[] body = Body.raw(request, Body.CALLBACK);
    Callback callback = new Callback(name -> Optional.ofNullable(request.getHeader(name)), body);
    List<Receipt> found = read(sender, callback);
    receipts.take(senderId, found);
    return Envelope.of("Taken", new Taken(found.size()));
  }

  private List<Receipt> read(SenderAccount sender, Callback callback) {
    try {
      return providers.of(sender).receipts(sender, callback);
    } catch (CallbackRefused e) {
      // Its secret may have been changed on another node: providers do not come again after a no.
      SenderAccount now =
          sender(sender.provider(), sender.senderId(), apps::senderNow)
              .filter(known -> !known.equals(sender))
              .orElseThrow(() -> refused(sender.senderId(), e.getMessage()));
      try {
        return providers.of(now).receipts(now, callback);
      } catch (CallbackRefused again) {
        throw refused(sender.senderId(), again.getMessage());
      }
    }
  }

  @Access(Access.Who.ANYONE)
  @GetMapping(path = "/{provider}/{senderId}", produces = MediaType.TEXT_PLAIN_VALUE)
  @Operation(
      summary = "Answer a provider that wants to know whether this is the right address",
      description = "Before its first callback: hub.mode, hub.verify_token and hub.challenge.")
  String challenge(
      @PathVariable String provider, @PathVariable long senderId, HttpServletRequest request) {
    return sender(provider, senderId)
        .flatMap(account ->
            providers
                .of(account)
                .challenge(account, name -> Optional.ofNullable(request.getParameter(name))))
        .orElseThrow(ReceiptController::refused);
  }

  private Optional<SenderAccount> sender(String provider, long senderId) {
    return sender(provider, senderId, apps::sender);
  }

  private Optional<SenderAccount> sender(
      String provider, long senderId, Function<SenderId, Optional<Apps.Usable>> senders) {
    try {
      Optional<SenderAccount> sender =
          senders
              .apply(new SenderId(senderId))
              .map(Apps.Usable::account)
              .filter(account -> account.provider().equals(provider));
      sender.ifPresent(providers::of);
      return sender;
    } catch (Overloaded _) {
      throw TakeReceipts.later("Too many callbacks are under way; nothing was noted.");
    } catch (Vault.SealBroken | Providers.Unknown e) {
      // It may be mended, or another node may be able to: the provider comes again.
      tell(senderId, "the sender cannot be used on this node: " + e.getMessage());
      throw TakeReceipts.later("Nothing was noted: the sender cannot be used now.");
    }
  }

  /** The operator is told why; who calls is not. */
  private static ProblemException refused(long senderId, @Nullable String why) {
    tell(senderId, why);
    return refused();
  }

  private static void tell(long senderId, @Nullable String why) {
    log.atWarn().addKeyValue("sender_id", senderId).addKeyValue("why", why).log("callback.refused");
  }

  private static ProblemException refused() {
    return ProblemException.of(
        Problem.UNAUTHORIZED, "The callback is not signed with this sender's secret.");
  }
}
