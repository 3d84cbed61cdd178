package dev.postrider.platform.database;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * Commits many together. Where one of them failed all, because PostgreSQL refused it or because
 * somebody holds a lock that it needs, it finds out which, and the others are committed without it.
 *
 * <p>Each wait for a lock takes as long as lock_timeout, and everybody behind waits along. So an
 * owner that had to wait goes last from then on, and where it has to wait again it is refused for a
 * moment without a try.
 *
 * @param <T> what is committed
 * @param <R> what came of one
 */
public final class Together<T, R> {
  /** So many waits for nothing in a row, and an owner is refused for a moment. */
  private static final int ENOUGH = 2;

  private static final long MOMENT_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final long FORGOTTEN_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final ToLongFunction<T> owner;
  private final Function<List<T>, List<R>> commit;
  private final BiFunction<T, RuntimeException, R> refused;
  private final Map<Long, Waits> waits = new ConcurrentHashMap<>();

  /** How often in a row an owner waited for nothing, the last time, and what that ended with. */
  private record Waits(int times, long nanos, RuntimeException last) {
    boolean areEnough() {
      return times >= ENOUGH && System.nanoTime() - nanos < MOMENT_NANOS;
    }
  }

  /**
   * @param owner whose an item is: where it waits for a lock, others of the same owner may, too
   * @param commit commits a list in one transaction; one result for each, in order
   * @param refused what came of one that could not be committed
   */
  public Together(
      ToLongFunction<T> owner,
      Function<List<T>, List<R>> commit,
      BiFunction<T, RuntimeException, R> refused) {
    this.owner = owner;
    this.commit = commit;
    this.refused = refused;
  }

  /** One result for each, in order. What is nobody's fault (the database is away) is thrown. */
  public List<R> commit(List<T> items) {
    if (waits.isEmpty()) {
      try {
        return commit.apply(items);
      } catch (RuntimeException e) {
        return apart(items, e);
      }
    }
    List<T> first = items.stream().filter(item -> !waits.containsKey(owner(item))).toList();
    List<T> last = items.stream().filter(item -> waits.containsKey(owner(item))).toList();
    IdentityHashMap<T, R> results = new IdentityHashMap<>();
    if (!first.isEmpty()) {
      try {
        put(first, commit.apply(first), results);
      } catch (RuntimeException e) {
        put(first, apart(first, e), results);
      }
    }
    byOwner(last, results);
    return items.stream().map(results::get).toList();
  }

  /** After all together have failed. */
  private List<R> apart(List<T> items, RuntimeException why) {
    boolean locked = isLocked(why);
    if (items.size() == 1) {
      if (locked) {
        waited(owner(items.getFirst()), why);
      }
      return List.of(refused.apply(items.getFirst(), why));
    }
    IdentityHashMap<T, R> results = new IdentityHashMap<>();
    if (locked) {
      byOwner(items, results);
    } else {
      alone(items, results);
    }
    return items.stream().map(results::get).toList();
  }

  private void byOwner(List<T> items, IdentityHashMap<T, R> results) {
    Map<Long, List<T>> owners = new LinkedHashMap<>();
    for (T item : items) {
      owners.computeIfAbsent(owner(item), _ -> new ArrayList<>()).add(item);
    }
    List<List<T>> last = new ArrayList<>();
    owners.forEach((id, group) -> {
      if (!isCommitted(id, group, results)) {
        last.add(group);
      }
    });
    last.forEach(group -> alone(group, results));
  }

  /** Whether that is all that can be done for an owner's items. */
  private boolean isCommitted(long id, List<T> group, IdentityHashMap<T, R> results) {
    Waits before = waits.get(id);
    if (before != null && before.areEnough()) {
      group.forEach(item -> results.put(item, refused.apply(item, before.last())));
      return true;
    }
    try {
      put(group, commit.apply(group), results);
      waits.remove(id);
      return true;
    } catch (RuntimeException e) {
      if (isLocked(e)) {
        waited(id, e);
      }
      return false;
    }
  }

  private void alone(List<T> items, IdentityHashMap<T, R> results) {
    for (T item : items) {
      long id = owner(item);
      Waits before = waits.get(id);
      if (before != null && before.areEnough()) {
        results.put(item, refused.apply(item, before.last()));
        continue;
      }
      try {
        results.put(item, commit.apply(List.of(item)).getFirst());
        waits.remove(id);
      } catch (RuntimeException e) {
        if (isLocked(e)) {
          waited(id, e);
        }
        results.put(item, refused.apply(item, e));
      }
    }
  }

  /** Whether a lock is to blame, and not the data; what is neither is thrown. */
  private static boolean isLocked(RuntimeException e) {
    boolean locked = Transactions.isLockTimeout(e);
    if (!locked && !Transactions.isDataError(e)) {
      throw e;
    }
    return locked;
  }

  private void waited(long id, RuntimeException why) {
    long now = System.nanoTime();
    waits.values().removeIf(it -> now - it.nanos() > FORGOTTEN_NANOS);
    waits.merge(id, new Waits(1, now, why), (old, _) -> new Waits(old.times() + 1, now, why));
  }

  private void put(List<T> items, List<R> found, IdentityHashMap<T, R> results) {
    for (int i = 0; i < found.size(); i++) {
      results.put(items.get(i), found.get(i));
    }
  }

  private long owner(T item) {
    return owner.applyAsLong(item);
  }
}
