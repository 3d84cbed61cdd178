package dev.postrider.platform;

import com.github.benmanes.caffeine.cache.AsyncLoadingCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/**
 * Values that are loaded when they are first asked for and remembered for a while. Whoever asks for
 * one that is just being loaded waits for that load and fails with it: were each to try for itself
 * after the last had failed, a hundred callers would wait a hundred time-outs of an absent
 * database, one after the other.
 */
public final class Remembered<K, V> {
  private final AsyncLoadingCache<K, V> values;

  /**
   * @param time how long a value is remembered
   * @param most how many are remembered
   * @param load called on a thread of its own, outside any transaction
   */
  public Remembered(Duration time, int most, Function<K, V> load) {
    this(time, most, _ -> 1, load);
  }

  /**
   * @param time how long a value is remembered
   * @param most how much those that are remembered weigh together
   * @param weight how much one weighs
   * @param load called on a thread of its own, outside any transaction
   */
  public Remembered(Duration time, int most, ToIntFunction<V> weight, Function<K, V> load) {
    this.values =
        Caffeine.newBuilder()
            .expireAfterWrite(time)
            .maximumWeight(most)
            .weigher((K _, V value) -> weight.applyAsInt(value))
            .executor(Executors.newVirtualThreadPerTaskExecutor())
            .buildAsync(load::apply);
  }

  public V get(K key) {
    try {
      return values.get(key).join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }

  public void forget(K key) {
    values.synchronous().invalidate(key);
  }

  public void forgetAll() {
    values.synchronous().invalidateAll();
  }
}
