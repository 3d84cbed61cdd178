package dev.postrider.channel.sandbox;

import dev.postrider.channel.Content;
import dev.postrider.channel.EmailAddresses;
import dev.postrider.channel.Outbound;
import dev.postrider.channel.PhoneNumbers;
import dev.postrider.channel.Provider;
import dev.postrider.channel.SendResult;
import dev.postrider.channel.SendResult.Scope;
import dev.postrider.channel.SenderAccount;
import dev.postrider.channel.SenderChecks;
import dev.postrider.platform.FieldError;
import dev.postrider.platform.Violations;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.stereotype.Component;

/**
 * Touches no network. The last four digits of a recipient choose what happens ({@link Script}), so
 * that a caller can see every outcome before meeting it in production.
 */
@Component
class SandboxProvider implements Provider, AutoCloseable {
  private static final int MAX_TEXT = 4096;
  private static final int MAX_PENDING_RECEIPTS = 10_000;

  /** Well within its deadline. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Handsets handsets;
  private final InstantSource clock;
  private final SandboxReceipts receipts;

  SandboxProvider(Handsets handsets, InstantSource clock, ApplicationEventPublisher events) {
    this.handsets = handsets;
    this.clock = clock;
    this.receipts = new SandboxReceipts(clock, events::publishEvent, MAX_PENDING_RECEIPTS);
  }

  @Override
  public String name() {
    return "sandbox";
  }

  @Override
  public String channel() {
    return "sandbox";
  }

  @Override
  public boolean carriesHtml() {
    return true;
  }

  @Override
  public Duration deadline() {
    return Duration.ofSeconds(15);
  }

  @Override
  public List<FieldError> checkSender(SenderAccount account) {
    return new SenderChecks(account).known(Set.of(), Set.of()).violations().errors();
  }

  @Override
  public Checked recipient(String raw) {
    return raw.contains("@") ? EmailAddresses.parse(raw) : PhoneNumbers.e164(raw);
  }

  @Override
  public List<FieldError> checkContent(Content content) {
    Violations violations = new Violations();
    violations.text("message_content", content.text(), MAX_TEXT);
    violations.text("message_html", content.html(), MAX_TEXT);
    violations.line("subject", content.subject(), 255);
    return violations.errors();
  }

  @Override
  public SendResult send(Outbound outbound) {
    Script script = Script.of(outbound.recipient());
    int attempt = outbound.attempt();
    return switch (script) {
      case REJECTED ->
          new SendResult.Rejected("unknown_recipient", "the sandbox knows no such one");
      case DEFERRED -> deferred(Scope.MESSAGE, Optional.empty());
      case DEFERRED_TWICE ->
          attempt <= 2
              ? deferred(Scope.MESSAGE, Optional.of(Duration.ofSeconds(1)))
              : accept(outbound, script);
      case SENDER_DOWN ->
          attempt == 1
              ? deferred(Scope.SENDER, Optional.of(Duration.ofSeconds(2)))
              : accept(outbound, script);
      case UNCLEAR_ARRIVED -> {
        if (attempt > 1) {
          yield accept(outbound, script);
        }
        arrive(outbound);
        yield SendResult.unclear("reset_after_write", "the sandbox lost the answer");
      }
      case UNCLEAR_LOST ->
          attempt > 1
              ? accept(outbound, script)
              : SendResult.unclear("timeout_after_write", "the sandbox lost the request");
      case SLOW -> {
        pause();
        yield accept(outbound, script);
      }
      case DELIVERED, NO_RECEIPT, READ, FAILED_LATER -> accept(outbound, script);
    };
  }

  private static SendResult deferred(Scope scope, Optional<Duration> retryAfter) {
    return new SendResult.Deferred(scope, "busy", "the sandbox is busy", retryAfter);
  }

  private static void pause() {
    try {
      TimeUnit.SECONDS.sleep(5); // the slow provider is this script's whole point
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private SendResult accept(Outbound outbound, Script script) {
    if (!receipts.reserve(script.receipts().size(), PATIENCE)) {
      return deferred(Scope.SENDER, Optional.of(Duration.ofSeconds(1)));
    }
    String id = arrive(outbound);
    long sender = outbound.sender().senderId();
    script.receipts().forEach((kind, after) -> receipts.later(sender, id, kind, after));
    return new SendResult.Accepted(id);
  }

  private String arrive(Outbound outbound) {
    String id = "sandbox-" + outbound.messageId() + "-" + outbound.attempt();
    Content content = outbound.content();
    handsets.add(
        new Handsets.Arrival(
            outbound.sender().appId(),
            outbound.messageId(),
            id,
            outbound.recipient(),
            content.type().word(),
            content.subject(),
            content.text() == null ? content.html() : content.text(),
            outbound.attempt(),
            clock.instant()));
    return id;
  }

  @Override
  public void close() {
    receipts.close();
  }
}
