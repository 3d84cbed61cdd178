package dev.postrider.platform;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The data directory: 0700, its secrets 0600, and one process at a time. */
public final class Home implements AutoCloseable {
  private static final int SHORTEST = 32;
  private final Path path;
  private final FileChannel channel;
  private final FileLock lock;
  private final Map<String, Secret> made = new ConcurrentHashMap<>();

  private Home(Path path, FileChannel channel, FileLock lock) {
    this.path = path;
    this.channel = channel;
    this.lock = lock;
  }

  /** Creates the directory where it is missing, and takes its lock. */
  public static Home open(Path path) {
    try {
      Files.createDirectories(path);
      own(path);
      FileChannel channel =
          FileChannel.open(
              path.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock = tryLock(channel);
      if (lock == null) {
        channel.close();
        throw new SettingsException(
            "POSTRIDER_HOME",
            "is in use by another running Postrider: " + path,
            "Stop that one, or choose another directory.");
      }
      return new Home(path, channel, lock);
    } catch (IOException e) {
      throw new SettingsException(
          "POSTRIDER_HOME",
          "cannot be used: " + path + " (" + Text.cleaned(e.toString(), 200) + ")",
          "Choose a directory this user may write to.");
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException _) {
      return null;
    }
  }

  public Path resolve(String name) {
    return path.resolve(name);
  }

  /** Reads a secret kept here, or writes a new one where there is none. */
  public Secret secret(String name, Supplier<String> generate) {
    Path file = path.resolve(name);
    if (Files.exists(file)) {
      return readSecret(file);
    }
    Secret secret = new Secret(generate.get());
    write(name, secret);
    made.put(name, secret);
    return secret;
  }

  /** A secret that was made by this very process, the first time it is asked for. */
  public Optional<Secret> firstSight(String name) {
    return Optional.ofNullable(made.remove(name));
  }

  public boolean has(String name) {
    return Files.exists(path.resolve(name));
  }

  /** Keeps a secret in a file only this user can read. */
  public void write(String name, Secret secret) {
    Path file = path.resolve(name);
    try {
      Path draft = Files.createTempFile(path, name, ".new");
      restrict(draft, "rw-------");
      Files.writeString(draft, secret.value() + "\n");
      // What is sealed with it may be durable a moment later.
      force(draft);
      Files.move(draft, file, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
      force(path);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  private static void force(Path written) throws IOException {
    try (FileChannel channel = FileChannel.open(written, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  static Secret readSecret(Path file) {
    try {
      String text = Files.readString(file).strip();
      if (text.length() < SHORTEST) {
        throw new SettingsException(
            file.toString(),
            "holds no secret",
            "Delete it to have one generated, or give back its text.");
      }
      return new Secret(text);
    } catch (IOException e) {
      throw new SettingsException(
          file.toString(),
          "cannot be read (" + Text.cleaned(e.toString(), 200) + ")",
          "Mend its permissions.");
    }
  }

  private static void own(Path path) throws IOException {
    try {
      restrict(path, "rwx------");
    } catch (IOException e) {
      // A volume's root often is its host's, and open to us by a group.
      throw new SettingsException(
          "POSTRIDER_HOME",
          "is not this user's own: " + path + " (" + Text.cleaned(e.toString(), 200) + ")",
          Files.isWritable(path)
              ? "Name a directory below it, which is made: POSTRIDER_HOME=" + path.resolve("home")
              : "Give it to this user (chown), or choose another directory.");
    }
  }

  private static void restrict(Path path, String mode) throws IOException {
    if (Files.getFileStore(path).supportsFileAttributeView("posix")) {
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
    }
  }

  @Override
  public void close() {
    try {
      lock.release();
      channel.close();
    } catch (IOException _) {
      // The process is ending, and the lock ends with it.
    }
  }
}
