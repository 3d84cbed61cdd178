package dev.postrider.message;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.app.AppId;
import dev.postrider.channel.Content;
import dev.postrider.testing.TestDatabase;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What is large is left in the database; what is not comes along whole. */
class OutgoingTest {
  private static final JdbcClient JDBC = TestDatabase.migrated().jdbc();

  private static int last;

  private static Content content(int text, int html, int media) {
    return new Content(
        Content.Type.FILE,
        "t".repeat(text),
        null,
        html == 0 ? null : "h".repeat(html),
        media == 0 ? null : new Content.Media(null, new byte[media], "text/plain", "a.txt"));
  }

  @ParameterizedTest
  @CsvSource({
    "10, 0, 0, 0",
    "10, 0, 100, 0",
    "4000, 4000, 192, 0",
    "4000, 4000, 193, 8193",
    "9000, 0, 0, 9000",
    "10, 9000, 0, 9010",
    "10, 0, 9000, 9010"
  })
  void bothWaysOutLeaveTheSameBehind(int text, int html, int media, int missing) {
    long id = ++last;
    Message message =
        TestMessages.message(id, content(text, html, media), Instant.now().plusSeconds(3600), null);
    new AcceptStore(JDBC).insert(List.of(new AcceptStore.Row(message, Dispatch.QUEUED)));
    Outgoing claimed =
        new ProgressStore(JDBC)
            .claim(List.of(new ProgressStore.Claim(new AppId(1), id, 1)))
            .getFirst();
    for (Outgoing out : List.of(Outgoing.accepted(message, Instant.now()), claimed)) {
      assertThat(out.missing()).isEqualTo(missing);
      Content here = out.message().content();
      assertThat(length(here.text())).isEqualTo(missing > 0 ? 0 : text);
      assertThat(length(here.html())).isEqualTo(missing > 0 ? 0 : html);
      if (media > 0) {
        Content.Media of = Objects.requireNonNull(here.media());
        assertThat(of.bytes()).isEqualTo(media);
        assertThat(of.data() == null ? 0 : of.data().length).isEqualTo(missing > 0 ? 0 : media);
      }
    }
    Content whole =
        new MessageStore(JDBC).findWhole(new AppId(1), id).orElseThrow().message().content();
    assertThat(whole.size()).isEqualTo(message.content().size());
  }

  private static int length(@Nullable String words) {
    return words == null ? 0 : words.length();
  }
}
