package dev.postrider.campaign;

import java.nio.file.Path;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The outside journals of a run. The field names are the checker's columns. */
final class Journals implements AutoCloseable {

  /**
   * One try of a caller.
   *
   * @param op the operation it belongs to; also the message's text
   * @param node whom it was asked
   * @param status null where no answer came
   */
  record Asked(
      String op,
      int attempt,
      long app,
      String recipient,
      boolean hold,
      @Nullable Instant scheduledFor,
      @Nullable Instant expiresAt,
      String node,
      @Nullable String idemKey,
      String bodySha,
      Instant invoked,
      Instant completed,
      @Nullable Integer status,
      @Nullable Long messageId,
      @Nullable String code,
      @Nullable String retryAfter,
      boolean replayed,
      @Nullable String answerSha) {}

  /**
   * A request that reached the provider.
   *
   * @param recipient whom it names, as callers do
   */
  record Called(
      Instant at,
      String session,
      String recipient,
      String op,
      String mood,
      boolean taken,
      @Nullable String providerId,
      @Nullable Integer retryAfter) {}

  /** A receipt the provider reported, and how it was met. */
  record Reported(
      Instant at, long sender, String providerId, String kind, boolean genuine, int status) {}

  /** What was done to whom. */
  record Hurt(Instant at, String action, String target) {}

  /** An application of the run. */
  record Tenant(long app, long sender, String session, String name) {}

  /** What a node's process took at a moment. */
  record Sampled(Instant at, String node, long residentMib, long threads, long files) {}

  final Journal callers;
  final Journal provider;
  final Journal receipts;
  final Journal nemesis;
  final Journal tenants;
  final Journal samples;

  Journals(Path folder) {
    callers = new Journal(folder.resolve("callers.jsonl"));
    provider = new Journal(folder.resolve("provider.jsonl"));
    receipts = new Journal(folder.resolve("receipts.jsonl"));
    nemesis = new Journal(folder.resolve("nemesis.jsonl"));
    tenants = new Journal(folder.resolve("tenants.jsonl"));
    samples = new Journal(folder.resolve("samples.jsonl"));
  }

  @Override
  public void close() {
    callers.close();
    provider.close();
    receipts.close();
    nemesis.close();
    tenants.close();
    samples.close();
  }
}
