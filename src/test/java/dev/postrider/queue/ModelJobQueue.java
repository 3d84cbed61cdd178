package dev.postrider.queue;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The queue as a few lines of Java: slow, in memory, and easy to believe. The model of JobStore.
 */
final class ModelJobQueue implements JobQueue {
  private Duration ahead = Duration.ZERO;

  private record Key(String kind, long id) implements Comparable<Key> {
    @Override
    public int compareTo(Key other) {
      return Comparator.comparing(Key::kind).thenComparingLong(Key::id).compare(this, other);
    }
  }

  private static final class Row {
    final NewJob job;
    Instant runAt;
    Instant orderedAt;
    Priority priority;
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
      this.orderedAt = runAt;
      this.priority = job.priority();
    }

    boolean isOfTheOrderOf(Row other) {
      return job.orderKey() != 0
          && job.orderKey() == other.job.orderKey()
          && priority == other.priority;
    }

    /** Whether those that came after it in its order must wait for it while it waits itself. */
    boolean holdsPlace(Instant now) {
      return !orderedAt.isAfter(now) && !runAt.equals(NewJob.HELD) && attempt == 0;
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
          priority,
          job.orderKey(),
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
  public Instant now() {
    return Instant.now().plus(ahead);
  }

  /** What it says of the time is ahead by so much from now on. */
  void jump(Duration by) {
    ahead = by;
  }

  @Override
  public Set<Long> enqueue(List<NewJob> jobs, Duration lease) {
    Instant now = Instant.now();
    Set<Long> claimed = new HashSet<>();
    List<Row> added = new ArrayList<>();
    for (NewJob job : jobs) {
      Instant due = job.runAt();
      Row row = new Row(job, due == null ? now : due);
      Long token = job.token();
      if (token != null && !mustWait(row, now)) {
        row.claim(token, now, lease);
        claimed.add(token);
      }
      added.add(row);
    }
    added.forEach(row -> rows.put(new Key(row.job.kind(), row.job.id()), row));
    return claimed;
  }

  /** Whether one with the same order is due and not on this node: the model has no other. */
  private boolean mustWait(Row row, Instant now) {
    return waiting(row.job.kind()).stream()
        .anyMatch(other -> other.isOfTheOrderOf(row) && other.holdsPlace(now));
  }

  private List<Row> waiting(String kind) {
    return rows.values().stream()
        .filter(row -> row.job.kind().equals(kind) && row.waits())
        .toList();
  }

  @Override
  public Claimed claim(
      String kind,
      int limit,
      int perLane,
      Duration lease,
      long cursor,
      Narrows narrow,
      Map<Long, Pace> paces,
      int turn) {
    Instant now = Instant.now();
    List<Row> ripe =
        waiting(kind).stream()
            .filter(row -> row.job.lane() > cursor && !row.runAt.isAfter(now))
            .toList();
    List<Row> due =
        ripe.stream().filter(row -> narrow.of(row.job.lane(), row.job.appId(), 1) > 0).toList();
    List<Long> lanes =
        due.stream().map(row -> row.job.lane()).distinct().sorted().limit(limit).toList();
    Map<Long, Long> apps = new HashMap<>();
    due.forEach(row -> apps.put(row.job.lane(), row.job.appId()));
    Map<Long, Integer> shares =
        Shares.of(lanes, lane -> apps.getOrDefault(lane, 0L), lane -> lane, limit, perLane, turn);
    Comparator<Row> byTime =
        Comparator.comparing((Row row) -> row.runAt).thenComparingLong(row -> row.job.id());
    Comparator<Row> byUrgency =
        Comparator.comparing((Row row) -> row.priority).thenComparing(byTime);
    Comparator<Row> order = JobQueue.isOldestsTurn(turn) ? byTime : byUrgency;
    List<Row> taken = new ArrayList<>();
    shares.forEach((lane, share) ->
        due.stream()
            .filter(row -> row.job.lane() == lane)
            .sorted(
                narrow.isProbed(lane)
                    ? Comparator.comparingInt((Row row) -> row.counted).thenComparing(order)
                    : order)
            .limit(narrow.of(lane, apps.getOrDefault(lane, 0L), share))
            .forEach(taken::add));
    List<Row> waiting = waiting(kind);
    Comparator<Row> byPlace =
        Comparator.comparing((Row row) -> row.orderedAt).thenComparingLong(row -> row.job.id());
    List<Row> free =
        taken.stream()
            .filter(row ->
                row.attempt > 0
                    || waiting.stream()
                        .filter(other -> other.isOfTheOrderOf(row) && other.holdsPlace(now))
                        .noneMatch(
                            other -> byPlace.compare(other, row) < 0 && !taken.contains(other)))
            .toList();
    List<Job> claimed =
        free.stream()
            .sorted(Comparator.comparing((Row row) -> row.priority).thenComparing(byPlace))
            .map(row -> {
              row.claim(++tokens, now, lease);
              return row.held(tokens);
            })
            .toList();
    return new Claimed(
        claimed,
        lanes.size() < limit ? OptionalLong.empty() : OptionalLong.of(lanes.getLast()),
        Map.of(),
        taken.stream()
            .filter(row -> !free.contains(row))
            .map(row -> new Moved(row.job.id(), row.job.appId(), row.runAt))
            .toList(),
        ripe.stream().anyMatch(row -> narrow.isFull(row.job.lane(), row.job.appId())));
  }

  @Override
  public boolean hasDue(String kind, long lane, Priority priority, int atLeast) {
    Instant now = Instant.now();
    return waiting(kind).stream()
            .filter(row -> row.job.lane() == lane && row.priority == priority)
            .filter(row -> !row.runAt.isAfter(now))
            .count()
        >= atLeast;
  }

  @Override
  public void restart(String kind, long lane) {
    Instant now = Instant.now();
    waiting(kind).stream()
        .filter(row -> row.job.lane() == lane && !row.runAt.equals(NewJob.HELD))
        .forEach(row -> {
          row.runAt = now;
          row.orderedAt = now;
          row.counted = 0;
        });
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
          row.orderedAt = row.runAt;
          row.counted += again.counts() ? 1 : 0;
          row.ambiguous |= again.ambiguous();
          row.priority = again.job().priority();
          row.release();
        }
        case Finish.Back(_, var after, var keepsPlace) -> {
          row.runAt = after.isZero() ? row.runAt : now.plus(after);
          row.orderedAt = keepsPlace ? row.orderedAt : now.plus(after);
          row.attempt--;
          row.release();
        }
        case Finish.Hold _ -> {
          row.runAt = NewJob.HELD;
          row.orderedAt = now;
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
    row.orderedAt = runAt;
    return true;
  }

  @Override
  public void hold(String kind, Collection<Long> ids) {
    waitingOf(kind, ids).stream()
        .filter(row -> row.attempt == 0)
        .forEach(row -> row.runAt = NewJob.HELD);
  }

  @Override
  public void wake(String kind, Map<Long, Instant> due) {
    Instant now = Instant.now();
    due.forEach((id, at) ->
        waitingOf(kind, List.of(id)).stream()
            .filter(row -> row.runAt.equals(NewJob.HELD))
            .forEach(row -> {
              row.runAt = at.isBefore(now) ? now : at;
              row.orderedAt = row.runAt;
            }));
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
                row.waits()
                    ? Optional.empty()
                    : Optional.of(new Claim(row.claimedAt, row.leaseUntil)),
                row.attempt,
                row.counted,
                row.crashes));
  }

  @Override
  public Queued queued(String kind, long lane) {
    Instant now = Instant.now();
    long ahead =
        waiting(kind).stream()
            .filter(row -> row.job.lane() == lane && !row.runAt.isAfter(now))
            .count();
    return new Queued(ahead, Optional.empty(), now);
  }

  @Override
  public void uncount(String kind, Collection<Long> ids) {
    ids.stream()
        .map(id -> rows.get(new Key(kind, id)))
        .filter(row -> row != null && row.waits() && row.attempt > 0)
        .forEach(row -> row.attempt--);
  }

  @Override
  public Turn turn(String kind, long id) {
    Row one = rows.get(new Key(kind, id));
    if (one == null) {
      return Turn.NONE;
    }
    Instant now = Instant.now();
    Comparator<Row> line =
        Comparator.comparing((Row row) -> row.priority)
            .thenComparing(row -> row.runAt)
            .thenComparingLong(row -> row.job.id());
    Comparator<Row> order =
        Comparator.comparing((Row row) -> row.orderedAt).thenComparingLong(row -> row.job.id());
    List<Row> others =
        rows.values().stream().filter(row -> row != one && row.isOfTheOrderOf(one)).toList();
    return new Turn(
        waiting(kind).stream()
            .filter(row -> row.job.lane() == one.job.lane() && !row.runAt.isAfter(now))
            .filter(row -> line.compare(row, one) < 0)
            .count(),
        Stream.concat(
                others.stream().filter(row -> !row.waits()),
                others.stream()
                    .filter(row -> one.attempt == 0 && row.waits() && row.holdsPlace(now))
                    .filter(row -> order.compare(row, one) < 0)
                    .sorted(order))
            .mapToLong(row -> row.job.id())
            .findFirst(),
        Optional.empty());
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
