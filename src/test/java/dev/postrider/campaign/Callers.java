package dev.postrider.campaign;

import dev.postrider.campaign.Journals.Asked;
import dev.postrider.testing.Api;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Callers as they should be: each asks again with the same idempotency key, no sooner than it was
 * told, until it knows one way or the other. Every try is journalled, with what came back.
 */
final class Callers implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final Supplier<List<Api>> nodes;
  private final Journal journal;
  private final AtomicInteger turn = new AtomicInteger();
  private final AtomicInteger accepted = new AtomicInteger();
  private final Map<Thread, Boolean> asking = new ConcurrentHashMap<>();
  private final Queue<Op> untold = new ConcurrentLinkedQueue<>();
  private volatile boolean stopping;
  private volatile @Nullable Thread pacer;

  Callers(Supplier<List<Api>> nodes, Journal journal) {
    this.nodes = nodes;
    this.journal = journal;
  }

  /** Posts so many operations a second until {@link #rest}, each by a caller of its own. */
  void start(double perSecond, IntFunction<Op> ops) {
    stopping = false;
    pacer =
        Thread.ofPlatform()
            .daemon()
            .name("callers")
            .start(() -> {
              long start = System.nanoTime();
              for (int n = 0; !stopping; n++) {
                long due = start + (long) (n / perSecond * 1e9);
                LockSupport.parkNanos(due - System.nanoTime());
                submit(ops.apply(n));
              }
            });
  }

  /** How many answers said that a message was accepted. */
  int accepted() {
    return accepted.get();
  }

  /** No new operations; those under way are asked for again until they are told. */
  void enough() {
    stopping = true;
  }

  /** No new operations; waits for those under way. */
  void rest() {
    enough();
    Thread pacing = pacer;
    try {
      if (pacing != null) {
        pacing.join();
      }
      for (Thread caller : List.copyOf(asking.keySet())) {
        caller.join(); // its patience ends
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  void submit(Op op) {
    Thread caller = Thread.ofVirtual().unstarted(() -> ask(op));
    asking.put(caller, true);
    caller.start();
  }

  /** Posts them all, each by a caller of its own, and waits until each has been told. */
  void all(List<Op> ops) {
    ops.forEach(this::submit);
    rest();
  }

  /**
   * Those whose patience ended ask again, now that nothing is broken: how long the faults of a run
   * take is the machine's affair, that everybody is told in the end is not. Where faults are short,
   * {@link Tally#TOLD_MS_MAX} asks that nobody's patience ended.
   */
  void askAgain() {
    List<Op> again = new ArrayList<>();
    for (Op op = untold.poll(); op != null; op = untold.poll()) {
      again.add(op);
    }
    all(again);
  }

  /** Posts it until it is told, or patience ends. */
  void ask(Op op) {
    long until = System.nanoTime() + PATIENCE.toNanos();
    try {
      for (int attempt = 1; System.nanoTime() < until; attempt++) {
        Asked asked = ask(op, attempt, next());
        if (isTold(asked) || op.idempotencyKey() == null) {
          return;
        }
        LockSupport.parkNanos(wait(asked, attempt).toNanos());
      }
      untold.add(op);
    } finally {
      asking.remove(Thread.currentThread());
    }
  }

  /** Whether asking again would change nothing. */
  private static boolean isTold(Asked asked) {
    return asked.status() != null
        && asked.status() != 503
        && asked.status() != 409
        && !"overloaded".equals(asked.code());
  }

  /** As long as it was told, and longer each time, with jitter: callers are not a crowd in step. */
  private static Duration wait(Asked asked, int attempt) {
    String told = asked.retryAfter();
    long floor = told == null ? 0 : Long.parseLong(told) * 1000;
    long millis = Math.max(floor, 100L << Math.min(attempt, 6));
    return Duration.ofMillis(millis + ThreadLocalRandom.current().nextLong(millis / 2 + 1));
  }

  private Api next() {
    List<Api> all = nodes.get();
    return all.get(Math.floorMod(turn.getAndIncrement(), all.size()));
  }

  /** One try, at the next node in turn; where it is not told, {@link #askAgain} asks again. */
  Asked once(Op op, int attempt) {
    return once(op, attempt, next());
  }

  Asked once(Op op, int attempt, Api node) {
    Asked asked = ask(op, attempt, node);
    if (!isTold(asked) && op.idempotencyKey() != null) {
      untold.add(op);
    }
    return asked;
  }

  private Asked ask(Op op, int attempt, Api node) {
    String body = op.body();
    Map<String, String> headers = new HashMap<>();
    if (op.idempotencyKey() != null) {
      headers.put("Idempotency-Key", op.idempotencyKey());
    }
    Instant invoked = Instant.now();
    Api.Answer answer = answer(op, node, body, headers);
    Instant completed = Instant.now();
    JsonNode json = answer == null ? null : json(answer);
    boolean created = answer != null && answer.status() == 201;
    Asked asked =
        new Asked(
            op.name(),
            attempt,
            op.tenant().app(),
            op.recipient(),
            op.hold(),
            op.scheduledFor(),
            op.expiresAt(),
            node.url(),
            op.idempotencyKey(),
            sha(body),
            invoked,
            completed,
            answer == null ? null : answer.status(),
            created && json != null ? (Long) json.path("data").path("message_id").asLong() : null,
            json == null ? null : json.path("code").asString(null),
            answer == null || answer.header("Retry-After").isEmpty()
                ? null
                : answer.header("Retry-After"),
            answer != null && answer.header("Idempotent-Replayed").equals("true"),
            answer != null && created ? sha(answer.body()) : null);
    journal.write(asked);
    if (created) {
      accepted.incrementAndGet();
    }
    return asked;
  }

  /** Null where it is none: the status is what is journalled then. */
  private static @Nullable JsonNode json(Api.Answer answer) {
    try {
      return answer.json();
    } catch (JacksonException _) {
      return null;
    }
  }

  private static Api.@Nullable Answer answer(
      Op op, Api node, String body, Map<String, String> headers) {
    try {
      return node.as(op.tenant().key()).post(op.tenant().messages(), body, headers);
    } catch (UncheckedIOException _) {
      return null; // nobody knows what became of it
    }
  }

  private static String sha(String text) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(sha.digest(text.getBytes(StandardCharsets.UTF_8)), 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    stopping = true;
  }
}
