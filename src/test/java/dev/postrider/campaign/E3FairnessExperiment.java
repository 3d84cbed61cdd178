package dev.postrider.campaign;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.campaign.Campaign.Setup;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** E3: one application floods, one has a provider that takes its time; twenty others are light. */
@Tag("fault")
class E3FairnessExperiment {
  private static final int BACKLOG = 20_000;
  private static final int LIGHT = 20;
  private static final Duration SLOW = ofSeconds(14);
  private static final int PLACES_OF_A_LANE = 32;

  /** What holds although the flood was put there, and taken away, by hand. */
  private static final Set<Invariant> WITH_A_FLOOD =
      EnumSet.complementOf(
          EnumSet.of(
              Invariant.NOTHING_COMES_FROM_NOWHERE,
              Invariant.EVERYTHING_ENDS_ONCE,
              Invariant.EVENTS_TELL_EVERYTHING,
              Invariant.COUNTS_EQUAL_ROWS));

  @Test
  void theLightOnesDoNotNoticeTheFloodNorTheSlowOne() {
    try (Campaign run = Campaign.start("E3", Setup.quick(2))) {
      Tenant flood = run.tenant("flood");
      Tenant slow = run.tenant("slow");
      List<Tenant> light =
          IntStream.range(0, LIGHT).mapToObj(i -> run.tenant("light-" + i)).toList();
      Map<String, Instant> arrived = new ConcurrentHashMap<>();
      List<Instant> slowCalls = new CopyOnWriteArrayList<>();
      run.onTaken(call -> {
        arrived.putIfAbsent(call.text(), call.at());
        if (call.session().equals(slow.session())) {
          slowCalls.add(call.at());
        }
      });
      run.provider().takes(ofMillis(50));
      double quiet = p99(run, light, arrived, "quiet");
      run.provider().takes("slow", SLOW);
      flood(run, flood);
      run.callers().all(run.ops(slow, 200));
      double flooded = p99(run, light, arrived, "flooded");
      int left = waiting(run, flood);
      Campaign.occurred("backlog of the flood after the light ones were served", left, 1000);
      assertThat(flooded)
          .as("seconds to the provider, p99 of the light ones; %s without the flood", quiet)
          .isLessThan(quiet + 1);
      assertThat(mostAtOnce(slowCalls))
          .as("calls of the slow one at once")
          .isBetween(10, 2 * PLACES_OF_A_LANE);
      Campaign.until(() -> isTakenAway(run, flood), ofSeconds(60));
      Campaign.until(() -> isTakenAway(run, slow), ofSeconds(60));
      run.quiesce();
      run.verdict(WITH_A_FLOOD).occurred(Tally.IN_ORDER, 10).holds();
    }
  }

  /** How many calls of so long were under way at the same time. */
  private static int mostAtOnce(List<Instant> begun) {
    return begun.stream()
        .mapToInt(at ->
            (int)
                begun.stream().filter(it -> !it.isAfter(at) && it.isAfter(at.minus(SLOW))).count())
        .max()
        .orElse(0);
  }

  /** Twenty with as much to do as the service can: Jain's index of what each gets in a minute. */
  @Test
  void whoWaitsAlikeGetsAlike() {
    try (Campaign run = Campaign.start("E3-alike", Setup.quick(2))) {
      List<Tenant> all = IntStream.range(0, LIGHT).mapToObj(i -> run.tenant("alike-" + i)).toList();
      // Sixty-four places a node, and twenty that may use thirty-two each.
      run.provider().takes(ofMillis(400));
      all.forEach(tenant -> flood(run, tenant));
      Campaign.until(() -> run.provider().calls() > 500, ofSeconds(30));
      Map<String, Integer> taken = new ConcurrentHashMap<>();
      run.onTaken(call -> taken.merge(call.session(), 1, Integer::sum));
      Campaign.last(ofSeconds(60));
      run.onTaken(_ -> {});
      double[] got = all.stream().mapToDouble(it -> taken.getOrDefault(it.session(), 0)).toArray();
      for (Tenant tenant : all) {
        Campaign.occurred("backlog of " + tenant.name(), waiting(run, tenant), 100);
      }
      double sum = DoubleStream.of(got).sum();
      double squares = DoubleStream.of(got).map(it -> it * it).sum();
      assertThat(sum * sum / (got.length * squares))
          .as("Jain's index of %s", Arrays.toString(got))
          .isGreaterThan(0.95);
      assertThat(DoubleStream.of(got).min().orElse(0))
          .as("the least of %s", Arrays.toString(got))
          .isGreaterThan(0.5 * sum / got.length);
      run.sql().sql("delete from jobs").update();
    }
  }

  /** What waits is taken away; what a node has in hand ends, or goes back and is taken then. */
  private static boolean isTakenAway(Campaign run, Tenant tenant) {
    run.sql()
        .sql("delete from jobs where app_id = ? and token is null")
        .param(tenant.app())
        .update();
    return waiting(run, tenant) == 0;
  }

  /** A backlog as it stands after an hour: put there by SQL, as the service would have. */
  private static void flood(Campaign run, Tenant flood) {
    run.sql()
        .sql(
            """
            with given as (
              select n, :app as app, 7000000000 + :app * 1000000 + n as id from generate_series(1, :count) as n
            ), stored as (
              insert into messages (app_id, message_id, sender_id, recipient, message_type,
                                    message_content, priority, hold, max_attempts, expires_at,
                                    correlation_id, dispatch, version, attempts)
              select app, id, :sender, '+4915123100000', 'text', 'canary-op-flood-' || n, 2, false,
                     8, now() + interval '3 days', 'flood-' || n, 'queued', 1, 0 from given
            ), logged as (
              insert into message_logs (message_id, version, app_id, at, event, dispatch_to, status)
              select id, 1, app, now(), 'accepted', 'queued', 'pending' from given
            )
            insert into jobs (kind, id, app_id, lane, priority, run_at)
            select 'deliver', id, app, :sender, 2, now() from given
            """)
        .param("app", flood.app())
        .param("sender", flood.sender())
        .param("count", BACKLOG)
        .update();
    // As autovacuum would have by then.
    run.sql().sql("analyze jobs, messages, message_logs").update();
  }

  /** From acceptance to the provider, in seconds, as the provider saw it. */
  private static double p99(
      Campaign run, List<Tenant> light, Map<String, Instant> arrived, String what) {
    List<Op> ops = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      ops.add(run.op(light.get(i % LIGHT)));
    }
    run.hurt("measure", what);
    for (Op op : ops) {
      run.callers().submit(op);
      Campaign.last(ofMillis(25));
    }
    run.callers().rest();
    Campaign.until(
        () -> ops.stream().allMatch(op -> arrived.containsKey(op.name())), ofSeconds(30));
    Map<String, Instant> accepted = new HashMap<>();
    run.sql()
        .sql("select message_content, created_at from messages where message_content = any (?)")
        .param(ops.stream().map(Op::name).toArray(String[]::new))
        .query(row -> {
          accepted.put(row.getString(1), row.getObject(2, OffsetDateTime.class).toInstant());
        });
    double[] seconds =
        accepted.entrySet().stream()
            .mapToDouble(it ->
                Duration.between(it.getValue(), arrived.getOrDefault(it.getKey(), Instant.MAX))
                        .toMillis()
                    / 1000.0)
            .sorted()
            .toArray();
    assertThat(seconds).hasSize(ops.size());
    return seconds[ops.size() * 99 / 100 - 1];
  }

  private static int waiting(Campaign run, Tenant tenant) {
    return run.sql()
        .sql("select count(*) from jobs where app_id = ?")
        .param(tenant.app())
        .query(Integer.class)
        .single();
  }
}
