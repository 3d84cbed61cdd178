package dev.postrider.queue;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/**
 * The places of lanes that have a pace: when the next job of each may start, whichever node has it.
 * A place is taken with the claim, in its transaction.
 */
@Repository
class PaceStore {
  /** The longest that a job may be claimed before its place. */
  static final Duration SOON = Duration.ofSeconds(2);

  private final JdbcClient jdbc;
  private final Duration soon;

  @Autowired
  PaceStore(JdbcClient jdbc, QueueSettings settings) {
    // What would start too late is given back, and its place with it is lost: half of that time is
    // left for whatever else it waits for.
    this(jdbc, settings.startWithin().dividedBy(2));
  }

  /**
   * @param soon what starts within this is claimed, and the rest is anyone's; at most 2 s
   */
  PaceStore(JdbcClient jdbc, Duration soon) {
    this.jdbc = jdbc;
    this.soon = soon.compareTo(SOON) < 0 ? soon : SOON;
  }

  /** Takes places in the lanes that have a pace; their shares become as many as there are. */
  Map<Long, List<Duration>> take(Map<Long, Integer> shares, Map<Long, Pace> paces) {
    Map<Long, List<Duration>> places = new HashMap<>();
    // Where none is free yet nothing is locked, or written.
    shares.keySet().removeAll(notYet(shares.keySet(), paces));
    // In the order of the lanes on every node: each takes its places while it holds the lane's row.
    shares.keySet().stream()
        .sorted()
        .forEach(lane -> {
          Pace pace = paces.get(lane);
          if (pace != null) {
            places.put(lane, places(lane, pace, shares.getOrDefault(lane, 0)));
          }
        });
    places.forEach((lane, taken) -> shares.put(lane, taken.size() - 1));
    shares.values().removeIf(share -> share == 0);
    return places;
  }

  private Set<Long> notYet(Set<Long> lanes, Map<Long, Pace> paces) {
    List<Long> asked = lanes.stream().filter(paces::containsKey).toList();
    return asked.isEmpty()
        ? Set.of()
        : new HashSet<>(
            jdbc.sql(
                    """
                    select p.lane
                      from unnest(:lanes::bigint[], :latest::bigint[]) as t (lane, latest)
                      join lane_paces p using (lane)
                     where p.next_at > now() + :soon * interval '1 microsecond'
                       and p.next_at <= now() + t.latest * interval '1 microsecond'
                    """)
                .param("lanes", asked.stream().mapToLong(Long::longValue).toArray())
                .param("latest", asked.stream().mapToLong(it -> latest(paces, it)).toArray())
                .param("soon", micros(soon))
                .query((row, _) -> row.getLong("lane"))
                .list());
  }

  private long latest(Map<Long, Pace> paces, long lane) {
    Pace pace = paces.get(lane);
    return pace == null ? 0 : latest(pace);
  }

  /**
   * The last place that this pace can have given, in microseconds from now: a later one was given
   * by a slower pace, or by a clock that was set back, and is brought forward.
   */
  private long latest(Pace pace) {
    return micros(SOON.plus(pace.interval()).plus(pace.jitter()));
  }

  /**
   * How long from now each of the next jobs of a lane may start, those that may start soon; and,
   * last, the place after them, which is free.
   */
  private List<Duration> places(long lane, Pace pace, int most) {
    long first =
        jdbc.sql(
                """
                insert into lane_paces as p (lane, next_at) values (:lane, now())
                on conflict (lane) do update set next_at =
                  greatest(least(p.next_at, now() + :latest * interval '1 microsecond'), now())
                returning (extract(epoch from next_at - now()) * 1000000)::bigint as wait
                """)
            .param("lane", lane)
            .param("latest", latest(pace))
            .query((row, _) -> row.getLong("wait"))
            .single();
    List<Duration> places = new ArrayList<>();
    long at = first;
    while (places.size() < most && at <= micros(soon)) {
      places.add(Duration.of(at, ChronoUnit.MICROS));
      at +=
          micros(pace.interval()) + ThreadLocalRandom.current().nextLong(micros(pace.jitter()) + 1);
    }
    places.add(Duration.of(at, ChronoUnit.MICROS));
    if (at > first) {
      move(lane, at - first);
    }
    return places;
  }

  /** Hands the places to the jobs: how long each waits, by its id. What is left over goes back. */
  Map<Long, Duration> give(List<Job> jobs, Map<Long, List<Duration>> places) {
    Map<Long, Duration> waits = new HashMap<>();
    Map<Long, Integer> given = new HashMap<>();
    for (Job job : jobs) {
      List<Duration> of = places.get(job.lane());
      if (of != null) {
        waits.put(job.id(), of.get(given.merge(job.lane(), 1, Integer::sum) - 1));
      }
    }
    places.forEach((lane, of) -> {
      Duration unused = of.get(given.getOrDefault(lane, 0));
      if (!unused.equals(of.getLast())) {
        move(lane, micros(unused) - micros(of.getLast()));
      }
    });
    return waits;
  }

  private void move(long lane, long micros) {
    jdbc.sql(
            """
            update lane_paces set next_at = next_at + :micros * interval '1 microsecond'
             where lane = :lane
            """)
        .param("lane", lane)
        .param("micros", micros)
        .update();
  }

  private static long micros(Duration duration) {
    return duration.toNanos() / 1000;
  }
}
