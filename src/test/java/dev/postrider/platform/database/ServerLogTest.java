package dev.postrider.platform.database;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerLogTest {
  @TempDir private Path folder;

  private Path grownTo(long length) throws IOException {
    Path file = folder.resolve("postgres.log");
    try (RandomAccessFile written = new RandomAccessFile(file.toFile(), "rw")) {
      written.setLength(length - 4);
      written.seek(length - 4);
      written.write("end\n".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
    return file;
  }

  @Test
  void beginsAnewWhereItHasGrownTooLongAndKeepsItsEnd() throws IOException {
    Path file = grownTo(ServerLog.LONGEST + 100);
    new ServerLog(file).shorten();
    assertThat(file).isEmptyFile();
    Path kept = folder.resolve("postgres.log.1");
    assertThat(kept).hasSize(ServerLog.LONGEST);
    try (RandomAccessFile end = new RandomAccessFile(kept.toFile(), "r")) {
      end.seek(ServerLog.LONGEST - 4);
      assertThat(end.readLine()).isEqualTo("end");
    }
  }

  @Test
  void isLeftAloneUntilThen() throws IOException {
    Path file = grownTo(ServerLog.LONGEST);
    new ServerLog(file).shorten();
    assertThat(file).hasSize(ServerLog.LONGEST);
    assertThat(folder.resolve("postgres.log.1")).doesNotExist();
    new ServerLog(folder.resolve("not there")).shorten();
  }

  /** As on a full disk: room is what is needed. */
  @Test
  void beginsAnewWhereNothingCanBeKept() throws IOException {
    Path file = grownTo(ServerLog.LONGEST + 100);
    Files.createDirectories(folder.resolve("postgres.log.1"));
    new ServerLog(file).shorten();
    assertThat(file).isEmptyFile();
  }
}
