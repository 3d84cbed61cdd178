package dev.postrider.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.app.AppId;
import dev.postrider.channel.Content;
import dev.postrider.message.Message;
import dev.postrider.message.MessageStore;
import dev.postrider.testing.RunningService;
import dev.postrider.testing.RunningService.TestApp;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LoadMediaE2ETest {
  private static final RunningService SERVICE = RunningService.shared();
  private static final LoadMedia MEDIA = SERVICE.bean(LoadMedia.class);

  private final TestApp app = SERVICE.sandboxApp();

  private Message stored(String body) {
    long id = app.api().message(app.id(), body);
    return SERVICE
        .bean(MessageStore.class)
        .find(new AppId(app.id()), id)
        .orElseThrow()
        .message()
        .withoutData();
  }

  private Message withMedia() {
    return stored(
        """
        {"message_content":"x","recipient":"+15551230000","message_type":"file",
         "media":{"data":"aGVsbG8=","mimetype":"text/plain","filename":"a.txt"}}
        """);
  }

  private static byte @Nullable [] data(Content content) {
    return Objects.requireNonNull(content.media()).data();
  }

  private static Optional<String> read(Message message) {
    return MEDIA.with(
        message,
        content -> new String(Objects.requireNonNull(data(content)), StandardCharsets.UTF_8));
  }

  @Test
  void theBytesAreThereWhenTheyAreSent() {
    Message message = withMedia();
    assertThat(data(message.content())).isNull();
    assertThat(read(message)).hasValue("hello");
  }

  @Test
  void whatHasNoneCostsNothing() {
    Message text = stored("{\"message_content\":\"x\",\"recipient\":\"+15551230000\"}");
    assertThat(MEDIA.with(text, String::valueOf).orElseThrow()).contains("text=x");
  }

  @Test
  void whatFindsNoRoomIsNotSentNow() {
    Message message = withMedia();
    Content large =
        new Content(
            Content.Type.FILE,
            "x",
            null,
            null,
            new Content.Media(null, null, Integer.MAX_VALUE, "text/plain", "a.txt"));
    Optional<Optional<String>> beside = MEDIA.with(message.saying(large), _ -> read(message));
    assertThat(beside.orElseThrow()).isEmpty();
    assertThat(read(message)).as("there is room again").hasValue("hello");
  }
}
