package dev.postrider.platform.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postrider.platform.Home;
import dev.postrider.testing.RunningService;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class EmbeddedServerE2ETest {
  private final Path path = RunningService.newHome();

  /** It may take hours to recover; but who is dead recovers no more. */
  @Test
  @Timeout(60)
  void aServerThatEndsAtItsStartIsNotWaitedFor() throws Exception {
    Path settings = path.resolve("postgres").resolve("postgresql.auto.conf");
    try (Home home = Home.open(path)) {
      EmbeddedServer.start(home).close();
      String before = Files.readString(settings);
      Files.writeString(settings, "no_such_setting = 1\n");
      assertThatThrownBy(() -> EmbeddedServer.start(home))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining(path.resolve("postgres.log").toString());
      Files.writeString(settings, before);
      try (EmbeddedServer _ = EmbeddedServer.start(home)) {
        assertThat(Postmaster.on(path.resolve("postgres"))).isPresent();
      }
      assertThat(Postmaster.on(path.resolve("postgres"))).isEmpty();
    }
  }
}
