package dev.postrider.platform.database;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the embedded PostgreSQL has to complain of, in a file that it appends to. Its database needs
 * the disk more.
 */
final class ServerLog {
  static final long LONGEST = 64L * 1024 * 1024;

  private static final Logger log = LoggerFactory.getLogger(ServerLog.class);

  private final Path file;

  ServerLog(Path file) {
    this.file = file;
  }

  /** Where what was in it is kept when it begins anew: the end of it, as long as itself. */
  private Path earlier() {
    return file.resolveSibling(file.getFileName() + ".1");
  }

  /** Begins it anew where it has grown too long; on a full disk without keeping what was in it. */
  void shorten() {
    try (FileChannel written =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      if (written.size() > LONGEST) {
        try (FileChannel kept =
            FileChannel.open(
                earlier(),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING)) {
          written.transferTo(written.size() - LONGEST, LONGEST, kept);
        } finally {
          written.truncate(0); // it is appended to: its writers go on at the beginning
        }
      }
    } catch (IOException e) {
      log.atDebug().setCause(e).log("postgres.log_not_shortened");
    }
  }
}
