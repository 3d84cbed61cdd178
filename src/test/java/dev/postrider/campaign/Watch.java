package dev.postrider.campaign;

import dev.postrider.campaign.Journals.Sampled;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Looks every second at what the nodes' processes take. */
final class Watch implements AutoCloseable {
  private static final Duration EVERY = Duration.ofSeconds(1);

  private final Supplier<List<Node>> nodes;
  private final Journal samples;
  private final Thread thread = Thread.ofVirtual().unstarted(this::watch);
  private volatile boolean closed;

  Watch(Supplier<List<Node>> nodes, Journal samples) {
    this.nodes = nodes;
    this.samples = samples;
    thread.start();
  }

  private void watch() {
    while (!closed) {
      look();
      Campaign.last(EVERY);
    }
  }

  /** Looks now. */
  void look() {
    for (Node node : nodes.get()) {
      sample(node.name(), node.pid()).ifPresent(samples::write);
    }
  }

  /** What a process takes now; empty where it is not there. */
  static Optional<Sampled> sample(String name, long pid) {
    Path proc = Path.of("/proc", Long.toString(pid));
    try (Stream<Path> files = Files.list(proc.resolve("fd"))) {
      List<String> status = Files.readAllLines(proc.resolve("status"));
      return Optional.of(
          new Sampled(
              Instant.now(),
              name,
              number(status, "VmRSS:") / 1024,
              number(status, "Threads:"),
              files.count()));
    } catch (IOException | UncheckedIOException _) {
      return Optional.empty(); // it is not there, or died while it was looked at
    }
  }

  private static long number(List<String> status, String field) {
    return status.stream()
        .filter(line -> line.startsWith(field))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .sum();
  }

  @Override
  public void close() {
    closed = true;
  }
}
