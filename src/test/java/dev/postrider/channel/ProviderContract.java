package dev.postrider.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postrider.channel.Provider.Checked;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What every provider must do. A new one implements this interface in its test. */
public interface ProviderContract {
  Provider provider();

  /** A sender that works against the stand-in. */
  SenderAccount goodSender();

  String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

  /** A sender whose server is not there; empty for a provider without a server. */
  Optional<SenderAccount> deadSender();

  /** A recipient as a caller may write it, and in the provider's own form. */
  Map.Entry<String, String> recipient();

  /** How often a text has reached the stand-in. */
  long arrivals(String text);

  /** The header of this name that came with what came last; empty for a provider without a wire. */
  Optional<String> sent(String header);

  default Outbound outbound(SenderAccount sender, String text) {
    return new Outbound(
        4711,
        sender,
        recipient().getValue(),
        Content.text(text),
        1,
        Duration.ofSeconds(5),
        Instant.parse("2026-11-23T10:00:00Z"),
        null,
        null,
        "contract",
        TRACE);
  }

  /** Whoever looks into the provider's log finds the caller's request. */
  @Test
  default void tellsWhoseRequestItIs() {
    provider().send(outbound(goodSender(), "contract: whose"));
    assertThat(sent("X-Correlation-ID").orElse("contract")).isEqualTo("contract");
    assertThat(sent("traceparent").orElse(TRACE)).isEqualTo(TRACE);
  }

  @Test
  default void acceptsAGoodSenderAndNamesWhatItDoesNotKnow() {
    assertThat(provider().checkSender(goodSender())).isEmpty();
    SenderAccount good = goodSender();
    SenderAccount odd =
        new SenderAccount(
            1,
            1,
            good.provider(),
            good.address(),
            null,
            Map.of("no_such_setting", "x"),
            Map.of("no_such_credential", new dev.postrider.platform.Secret("x")),
            true);
    assertThat(provider().checkSender(odd))
        .extracting(it -> it.field())
        .contains("settings.no_such_setting", "credentials.no_such_credential");
  }

  @Test
  default void normalisesRecipientsAndRefusesNonsense() {
    assertThat(provider().recipient(recipient().getKey()))
        .isEqualTo(new Checked.Ok(recipient().getValue()));
    assertThat(provider().recipient(recipient().getValue()))
        .isEqualTo(new Checked.Ok(recipient().getValue()));
    for (String nonsense : new String[] {"", " ", "nonsense", "+", "@", "x\r\ny", "\u0000"}) {
      assertThat(provider().recipient(nonsense)).as(nonsense).isInstanceOf(Checked.Bad.class);
    }
  }

  @Test
  default void refusesTextThatIsTooLongOrUnfit() {
    assertThat(provider().checkContent(Content.text("x".repeat(200_000)))).isNotEmpty();
    assertThat(provider().checkContent(Content.text("a\u0000b"))).isNotEmpty();
    assertThat(provider().checkContent(Content.text("Grüße 👍"))).isEmpty();
  }

  @Test
  default void sendsOnceAndNamesTheMessage() {
    SendResult result = provider().send(outbound(goodSender(), "contract: once"));
    assertThat(result).isInstanceOf(SendResult.Accepted.class);
    assertThat(((SendResult.Accepted) result).providerMessageId()).isNotBlank();
    assertThat(arrivals("contract: once")).isEqualTo(1);
  }

  @Test
  default void defersTheWholeSenderWhenItsServerIsNotThere() {
    deadSender()
        .ifPresent(sender -> {
          SendResult result = provider().send(outbound(sender, "contract: nobody there"));
          assertThat(result).isInstanceOf(SendResult.Deferred.class);
          assertThat(((SendResult.Deferred) result).scope()).isEqualTo(SendResult.Scope.SENDER);
        });
  }

  /** What explain says of it is true. */
  @Test
  default void canBeAskedWhereItSaysSo() {
    Outbound sent = outbound(goodSender(), "contract: asked");
    assertThat(provider().send(sent)).isInstanceOf(SendResult.Accepted.class);
    assertThat(provider().looksUp(sent.sender(), sent.content()))
        .isEqualTo(provider().find(sent) instanceof Provider.Found.There);
  }

  @Test
  default void refusesUnsignedCallbacks() {
    assertThatThrownBy(() ->
            provider().receipts(goodSender(), new Callback(_ -> Optional.empty(), new byte[0])))
        .isInstanceOf(CallbackRefused.class);
  }

  @Test
  default void endsWithinItsDeadline() {
    assertThat(provider().deadline()).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(60));
  }
}
