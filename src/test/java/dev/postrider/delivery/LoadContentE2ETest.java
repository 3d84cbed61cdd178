package dev.postrider.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.app.AppId;
import dev.postrider.channel.Content;
import dev.postrider.message.Message;
import dev.postrider.message.MessageStore;
import dev.postrider.message.Outgoing;
import dev.postrider.testing.Eventually;
import dev.postrider.testing.RunningService;
import dev.postrider.testing.RunningService.TestApp;
import dev.postrider.testing.TestContentRoom;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("alone")
class LoadContentE2ETest {
  private static final RunningService SERVICE = RunningService.shared();
  private static final LoadContent CONTENTS = SERVICE.bean(LoadContent.class);

  private final TestApp app = SERVICE.sandboxApp();

  /** As a node has it in memory when so much of it is left in the database. */
  private Outgoing missing(int bytes) {
    long id =
        app.api()
            .message(app.id(), "{\"message_content\":\"hello\",\"recipient\":\"+15551230000\"}");
    Message stored =
        SERVICE.bean(MessageStore.class).find(new AppId(app.id()), id).orElseThrow().message();
    Content content = bytes == 0 ? stored.content() : stored.content().withoutBody();
    return new Outgoing(stored.saying(content), Instant.now(), null, bytes);
  }

  private static Optional<String> read(Outgoing outgoing) {
    return CONTENTS.with(
        outgoing, content -> Optional.of(String.valueOf(content.text())), Optional::empty);
  }

  @Test
  void whatWasLeftIsThereWhenItIsSent() {
    assertThat(missing(10_000).message().content().text()).isNull();
    assertThat(read(missing(10_000))).hasValue("hello");
    assertThat(read(missing(0))).hasValue("hello");
  }

  @Test
  void whatFindsNoRoomGoesBackAndIsSentWhenThereIsSome() {
    String large =
        """
        {"message_content":"x","recipient":"+15551230000","message_type":"file",
         "media":{"data":"%s","mimetype":"text/plain","filename":"a.txt"}}
        """
            .formatted(Base64.getEncoder().encodeToString(new byte[20_000]));
    long id =
        TestContentRoom.withoutAny(
            SERVICE,
            app,
            () -> {
              long waiting = app.api().message(app.id(), large);
              Eventually.value(
                  () -> app.api().get(app.path() + "/" + waiting + "/logs").body(),
                  it -> it.contains("\"released\""));
              return waiting;
            });
    assertThat(app.api().await(app.id(), id, "delivered").path("attempts").asInt()).isOne();
  }
}
