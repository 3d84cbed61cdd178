package dev.postrider.platform.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postrider.platform.Home;
import dev.postrider.platform.Settings;
import dev.postrider.testing.RunningService;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Comparator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

  /** After a power failure, or in a new container, the number may be that of one of our threads. */
  @Test
  @Timeout(60)
  void whatAnEarlierRunLeftDoesNotKeepItFromStarting() throws Exception {
    Path data = path.resolve("postgres");
    try (Home home = Home.open(path)) {
      EmbeddedServer.start(home).close();
      String thread;
      try (Stream<Path> threads = Files.list(Path.of("/proc/self/task"))) {
        String own = Long.toString(ProcessHandle.current().pid());
        thread =
            threads
                .map(it -> it.getFileName().toString())
                .filter(it -> !it.equals(own))
                .findFirst()
                .orElseThrow();
      }
      Files.writeString(data.resolve("postmaster.pid"), pidFile(thread, data));
      EmbeddedServer.start(home).close();
    }
  }

  private static String pidFile(String pid, Path data) {
    return pid + "\n" + data + "\n1700000000\n5432\n\n127.0.0.1\n0 0\nready\n";
  }

  /** Nor may it be stopped, where it is a server of somebody else's. */
  @Test
  @Timeout(90)
  void anotherServerWithTheNumberOfALeftoverLives() throws Exception {
    Path data = path.resolve("postgres");
    Path otherPath = RunningService.newHome();
    try (Home home = Home.open(path);
        Home otherHome = Home.open(otherPath)) {
      EmbeddedServer.start(home).close();
      try (EmbeddedServer _ = EmbeddedServer.start(otherHome)) {
        Path otherData = otherPath.resolve("postgres");
        String pid = Files.readAllLines(otherData.resolve("postmaster.pid")).getFirst();
        Files.writeString(data.resolve("postmaster.pid"), pidFile(pid, data));
        EmbeddedServer.start(home).close();
        assertThat(Postmaster.on(otherData)).isPresent();
      }
    }
  }

  /** Killed while it created its database: the rest would be taken for the whole, for ever. */
  @Test
  @Timeout(90)
  void aDatabaseThatWasNotCreatedToItsEndIsCreatedAgain() throws Exception {
    Path data = path.resolve("postgres");
    try (Home home = Home.open(path)) {
      EmbeddedServer.start(home).close();
      try (Stream<Path> all = Files.walk(data)) {
        all.sorted(Comparator.reverseOrder()).forEach(it -> it.toFile().delete());
      }
      Files.createDirectories(data);
      Files.writeString(data.resolve("postgresql.conf"), "");
      Files.writeString(path.resolve("postgres-creating"), "");
      EmbeddedServer.start(home).close();
      assertThat(path.resolve("postgres-creating")).doesNotExist();
    }
  }

  /**
   * Whoever has made a sender with that address before, say: it is in the statement and its row.
   */
  @Test
  void itsLogHasNeitherStatementsNorRows() throws Exception {
    try (Home home = Home.open(path);
        EmbeddedServer server = EmbeddedServer.start(home)) {
      Settings.Postgres at = server.address();
      try (Connection connection =
              DriverManager.getConnection(at.jdbcUrl(), at.user(), at.password().value());
          Statement statement = connection.createStatement()) {
        statement.execute("create table people (number text primary key)");
        statement.execute("insert into people values ('+15551230000')");
        assertThatThrownBy(() -> statement.execute("insert into people values ('+15551230000')"))
            .isInstanceOf(SQLException.class);
      }
      assertThat(Files.readString(path.resolve("postgres.log")))
          .contains("duplicate key")
          .doesNotContain("+15551230000")
          .doesNotContain("insert into");
    }
  }

  /** As a full disk leaves it: a file of no length, which is not unpacked again. */
  @Test
  void whatWasNotUnpackedToItsEndIsUnpackedAgain() throws Exception {
    try (Home home = Home.open(path)) {
      Path version = Files.createDirectories(path.resolve("postgres-binaries").resolve("PG-1"));
      Path program = Files.createDirectories(version.resolve("bin")).resolve("postgres");
      Files.write(program, new byte[0]);
      FirstStart first = FirstStart.in(home);
      first.clean();
      assertThat(version).doesNotExist();
      Files.createDirectories(program.getParent());
      Files.write(program, new byte[1]);
      first.done();
      first.clean();
      assertThat(program).as("what has come up").exists();
    }
  }

  /** What was restored from a backup is nobody's first start, whatever an earlier one left. */
  @ParameterizedTest
  @ValueSource(strings = {"postmaster.opts", "backup_label", "epg-lock"})
  void aDatabaseThatCameFromElsewhereIsLeftAlone(String sign) throws Exception {
    Path data = path.resolve("postgres");
    try (Home home = Home.open(path)) {
      Files.createDirectories(data);
      Files.writeString(data.resolve("PG_VERSION"), "18\n");
      FirstStart.in(home).clean();
      assertThat(data.resolve("PG_VERSION")).as("without a first start").exists();
      Files.writeString(path.resolve("postgres-creating"), "");
      Files.writeString(data.resolve(sign), "");
      FirstStart.in(home).clean();
      assertThat(data.resolve("PG_VERSION")).exists();
      Files.delete(data.resolve(sign));
      FirstStart.in(home).clean();
      assertThat(data).as("what is neither").isEmptyDirectory();
    }
  }

  /** A copied home whose database is a link, say: it is the other one's. */
  @Test
  @Timeout(60)
  void theDatabaseOfAnotherHomeIsNotStopped() throws Exception {
    Path other = RunningService.newHome();
    try (Home home = Home.open(path);
        Home otherHome = Home.open(other);
        EmbeddedServer _ = EmbeddedServer.start(home)) {
      Files.createSymbolicLink(other.resolve("postgres"), path.resolve("postgres"));
      assertThatThrownBy(() -> EmbeddedServer.start(otherHome))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("another Postrider has its database in");
      assertThat(Postmaster.on(path.resolve("postgres"))).isPresent();
    }
  }

  /** Its disk is not there yet: nothing is created in its place, nor taken for unfinished. */
  @Test
  void aDirectoryThatIsElsewhereStaysOne() throws Exception {
    Path data = path.resolve("postgres");
    Path elsewhere = RunningService.newHome().resolve("disk");
    try (Home home = Home.open(path)) {
      Files.createSymbolicLink(data, elsewhere);
      FirstStart.in(home).clean();
      assertThat(path.resolve("postgres-creating")).doesNotExist();
      assertThat(data).isSymbolicLink();
    }
  }
}
