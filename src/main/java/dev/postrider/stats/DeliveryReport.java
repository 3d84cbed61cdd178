package dev.postrider.stats;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Counts and latencies of a stretch of time, in all, by provider, by sender and by period. */
record DeliveryReport(
    Instant from,
    Instant to,
    String by,
    Figures total,
    List<ProviderFigures> providers,
    List<SenderFigures> senders,
    List<PeriodFigures> periods) {

  /**
   * Figures of some messages.
   *
   * @param counts how many took each turn: accepted, sent, delivered, read, failed, expired,
   *     canceled, uncertain
   * @param acceptedToSentMs from due to taken by the provider
   * @param sentToDeliveredMs from taken to delivered
   */
  record Figures(
      Map<String, Long> counts,
      @Nullable Percentiles acceptedToSentMs,
      @Nullable Percentiles sentToDeliveredMs) {}

  /** Percentiles in milliseconds, each at most a fifth too high. */
  record Percentiles(double p50, double p90, double p99) {}

  /** Figures of all senders of one provider. */
  record ProviderFigures(String provider, Figures figures) {}

  /** Figures of one sender. */
  record SenderFigures(long senderId, String provider, Figures figures) {}

  /** Figures of one hour or day. */
  record PeriodFigures(Instant start, Figures figures) {}

  /**
   * Adds counts up.
   *
   * @param providers by which provider each sender sends that has counts of its own
   */
  static DeliveryReport of(
      Instant from,
      Instant to,
      String by,
      List<StatsStore.Count> counts,
      Map<Long, String> providers) {
    Tally total = new Tally();
    SortedMap<String, Tally> byProvider = new TreeMap<>();
    SortedMap<Long, Tally> senders = new TreeMap<>();
    SortedMap<Instant, Tally> periods = new TreeMap<>();
    for (StatsStore.Count count : counts) {
      if (count.period() != null) {
        total.add(count);
        periods.computeIfAbsent(count.period(), _ -> new Tally()).add(count);
      } else if (count.provider() != null) {
        byProvider.computeIfAbsent(count.provider(), _ -> new Tally()).add(count);
      } else if (count.sender() != null) {
        senders.computeIfAbsent(count.sender(), _ -> new Tally()).add(count);
      }
    }
    return new DeliveryReport(
        from,
        to,
        by,
        total.figures(),
        figures(byProvider, ProviderFigures::new),
        figures(
            senders,
            (id, figures) ->
                new SenderFigures(id, Objects.requireNonNull(providers.get(id)), figures)),
        figures(periods, PeriodFigures::new));
  }

  private static <K, F> List<F> figures(
      SortedMap<K, Tally> tallies, BiFunction<K, Figures, F> named) {
    return tallies.entrySet().stream()
        .map(entry -> named.apply(entry.getKey(), entry.getValue().figures()))
        .toList();
  }

  private static final class Tally {
    private final SortedMap<String, Long> counts = new TreeMap<>();
    private final SortedMap<Integer, Long> sent = new TreeMap<>();
    private final SortedMap<Integer, Long> delivered = new TreeMap<>();

    void add(StatsStore.Count count) {
      counts.merge(count.status(), count.count(), Long::sum);
      if (count.bucket() != LatencyBucket.NONE) {
        SortedMap<Integer, Long> latencies = count.status().equals("sent") ? sent : delivered;
        latencies.merge(count.bucket(), count.count(), Long::sum);
      }
    }

    Figures figures() {
      return new Figures(counts, percentiles(sent), percentiles(delivered));
    }

    private static @Nullable Percentiles percentiles(SortedMap<Integer, Long> latencies) {
      Double p50 = LatencyBucket.percentile(latencies, 50);
      Double p90 = LatencyBucket.percentile(latencies, 90);
      Double p99 = LatencyBucket.percentile(latencies, 99);
      return p50 == null || p90 == null || p99 == null ? null : new Percentiles(p50, p90, p99);
    }
  }
}
