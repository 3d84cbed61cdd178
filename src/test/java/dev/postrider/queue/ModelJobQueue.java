package dev.postrider.queue;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The queue as a few lines of Java: slow, in memory, and easy to believe. The model of JobStore.
 */
final class ModelJobQueue implements JobQueue {
  private record Key(String kind, long id) implements Comparable<Key> {
    @Override
    public int compareTo(Key other) {
      return Comparator.comparing(Key::kind).thenComparingLong(Key::id).compare(this, other);
    }
  }

  private static final class Row {
    final NewJob job;
    Instant runAt;
    int attempt;
    int counted;
    int crashes;
    boolean ambiguous;
    boolean started;
    @Nullable Long token;
    Instant claimedAt = Instant.EPOCH;
    Instant leaseUntil = Instant.EPOCH;

    Row(NewJob job, Instant runAt) {
      this.job = job;
      this.runAt = runAt;
    }

    void claim(long byToken, Instant now, Duration lease) {
      token = byToken;
      claimedAt = now;
      leaseUntil = now.plus(lease);
      attempt++;
      started = false;
    }

    void release() {
      token = null;
    }

    boolean waits() {
      return token == null;
    }

    Job held(long byToken) {
      return new Job(
          job.kind(),
          job.id(),
          job.appId(),
          job.lane(),
          job.priority(),
          attempt,
          counted,
          crashes,
          ambiguous,
          byToken,
          claimedAt,
          System.nanoTime());
    }
  }

  private final Map<Key, Row> rows = new TreeMap<>();
  private long tokens;

  @Override
  public void enqueue(List<NewJob> jobs, Duration lease) {
    Instant now = Instant.now();
    for (NewJob job : jobs) {
      Instant due = job.runAt();
      Row row = new Row(job, due == null ? now : due);
      Long token = job.token();
      if (token != null) {
        row.claim(token, now, lease);
      }
      rows.put(new Key(job.kind(), job.id()), row);
    }
  }

  private List<Row> waiting(String kind) {
    return rows.values().stream()
        .filter(row -> row.job.kind().equals(kind) && row.waits())
        .toList();
  }

  @Override
  public Claimed claim(
      String kind, int limit, int perLane, Duration lease, long cursor, Map<Long, Integer> narrow) {
    Instant now = Instant.now();
    List<Long> lanes =
        waiting(kind).stream()
            .filter(row -> row.job.lane() > cursor && narrow.getOrDefault(row.job.lane(), 1) > 0)
            .filter(row -> !row.runAt.isAfter(now))
            .map(row -> row.job.lane())
            .distinct()
            .sorted()
            .limit(limit)
            .toList();
    int share = JobQueue.share(limit, perLane, lanes.size());
    List<Job> claimed = new ArrayList<>();
    for (long lane : lanes) {
      waiting(kind).stream()
          .filter(row -> row.job.lane() == lane && !row.runAt.isAfter(now))
          .sorted(
              Comparator.comparing((Row row) -> row.job.priority())
                  .thenComparing(row -> row.runAt)
                  .thenComparingLong(row -> row.job.id()))
          .limit(Math.min(share, narrow.getOrDefault(lane, share)))
          .forEach(row -> {
            row.claim(++tokens, now, lease);
            claimed.add(row.held(tokens));
          });
    }
    claimed.sort(Comparator.comparing(Job::priority).thenComparingLong(Job::id));
    return new Claimed(
        claimed, lanes.size() < limit ? OptionalLong.empty() : OptionalLong.of(lanes.getLast()));
  }

  @Override
  public Set<Long> finish(List<? extends Finish> finishes) {
    Instant now = Instant.now();
    Set<Long> held = new HashSet<>();
    for (Finish finish : finishes) {
      Row row = heldBy(finish.job());
      if (row == null) {
        continue;
      }
      held.add(finish.job().token());
      switch (finish) {
        case Finish.Done(var job) -> rows.remove(new Key(job.kind(), job.id()));
        case Finish.Again again -> {
          row.runAt = now.plus(again.after());
          row.counted += again.counts() ? 1 : 0;
          row.ambiguous |= again.ambiguous();
          row.release();
        }
        case Finish.Back(_, var after) -> {
          row.runAt = after.isZero() ? row.runAt : now.plus(after);
          row.attempt--;
          row.release();
        }
      }
    }
    return held;
  }

  private @Nullable Row heldBy(Job job) {
    Row row = rows.get(new Key(job.kind(), job.id()));
    return row != null && Long.valueOf(job.token()).equals(row.token) ? row : null;
  }

  @Override
  public boolean begin(Job job, Duration lease, boolean mark) {
    Row row = heldBy(job);
    Instant now = Instant.now();
    if (row == null || !row.leaseUntil.isAfter(now)) {
      return false;
    }
    row.started = mark;
    row.leaseUntil = now.plus(lease);
    return true;
  }

  @Override
  public List<Expired> rescue(String kind, int limit) {
    Instant now = Instant.now();
    return rows.values().stream()
        .filter(row -> row.job.kind().equals(kind) && !row.waits() && row.leaseUntil.isBefore(now))
        .limit(limit)
        .map(row -> {
          long token = java.util.Objects.requireNonNull(row.token);
          row.runAt = now;
          row.ambiguous = true;
          row.crashes += row.crashes < 1 || row.started ? 1 : 0;
          row.release();
          return new Expired(row.held(token), row.started, now);
        })
        .toList();
  }

  @Override
  public boolean cancel(String kind, long id) {
    Row row = rows.get(new Key(kind, id));
    return row != null && row.waits() && rows.remove(new Key(kind, id)) != null;
  }

  @Override
  public void remove(String kind, Collection<Long> ids) {
    ids.forEach(id -> rows.remove(new Key(kind, id)));
  }

  @Override
  public boolean reschedule(String kind, long id, Instant runAt) {
    Row row = rows.get(new Key(kind, id));
    if (row == null || !row.waits()) {
      return false;
    }
    row.runAt = runAt;
    return true;
  }

  @Override
  public void hold(String kind, Collection<Long> ids) {
    waitingOf(kind, ids).forEach(row -> row.runAt = NewJob.HELD);
  }

  @Override
  public void wake(String kind, Map<Long, Instant> due) {
    Instant now = Instant.now();
    due.forEach((id, at) ->
        waitingOf(kind, List.of(id)).stream()
            .filter(row -> row.runAt.equals(NewJob.HELD))
            .forEach(row -> row.runAt = at.isBefore(now) ? now : at));
  }

  private List<Row> waitingOf(String kind, Collection<Long> ids) {
    return ids.stream()
        .map(id -> rows.get(new Key(kind, id)))
        .filter(Objects::nonNull)
        .filter(Row::waits)
        .toList();
  }

  @Override
  public Optional<Standing> standing(String kind, long id) {
    return Optional.ofNullable(rows.get(new Key(kind, id)))
        .map(row ->
            new Standing(
                Optional.of(row.runAt).filter(at -> !at.equals(NewJob.HELD)),
                Instant.now(),
                !row.waits(),
                row.attempt,
                row.counted,
                row.crashes));
  }

  @Override
  public Depth depth(String kind) {
    Instant now = Instant.now();
    List<Row> due = waiting(kind).stream().filter(row -> !row.runAt.isAfter(now)).toList();
    return new Depth(
        due.size(),
        waiting(kind).size() - due.size(),
        rows.values().stream().filter(row -> row.job.kind().equals(kind) && !row.waits()).count(),
        due.stream()
            .mapToDouble(row -> Duration.between(row.runAt, now).toMillis() / 1000.0)
            .max()
            .orElse(0));
  }

  /** All rows, a line each, by id. */
  List<String> state() {
    Instant now = Instant.now();
    return rows.values().stream()
        .map(row ->
            row.job.id()
                + (row.runAt.isAfter(now) ? " later" : " due")
                + (row.waits() ? " waits" : " claimed")
                + " a"
                + row.attempt
                + " c"
                + row.counted
                + " x"
                + row.crashes
                + (row.ambiguous ? " ambiguous" : ""))
        .toList();
  }

  void leasesRunOut() {
    rows.values().forEach(row -> row.leaseUntil = Instant.now().minusSeconds(1));
  }
}
