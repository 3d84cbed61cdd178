package dev.postrider.campaign;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.campaign.Campaign.Setup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** E3: one application floods, one has a provider that takes its time; twenty others are light. */
class E3FairnessExperiment {
  private static final int BACKLOG = 20_000;
  private static final int LIGHT = 20;

  @Test
  void theLightOnesDoNotNoticeTheFloodNorTheSlowOne() {
    try (Campaign run = Campaign.start("E3", Setup.quick(2))) {
      Tenant flood = run.tenant("flood");
      Tenant slow = run.tenant("slow");
      List<Tenant> light =
          IntStream.range(0, LIGHT).mapToObj(i -> run.tenant("light-" + i)).toList();
      run.provider().takes(ofMillis(50));
      double quiet = p99(run, light, "quiet");
      run.provider().takes("slow", ofSeconds(14));
      flood(run, flood);
      run.callers().all(run.ops(slow, 200));
      double flooded = p99(run, light, "flooded");
      int left = waiting(run, flood);
      Campaign.occurred("backlog of the flood after the light ones were served", left, 1000);
      assertThat(flooded)
          .as("seconds to the provider, p99 of the light ones; %s without the flood", quiet)
          .isLessThan(quiet + 1);
      run.sql()
          .sql("delete from jobs where app_id in (?, ?)")
          .params(flood.app(), slow.app())
          .update();
    }
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
  }

  private static double p99(Campaign run, List<Tenant> light, String what) {
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
    String[] names = ops.stream().map(Op::name).toArray(String[]::new);
    Campaign.until(() -> sent(run, names) == names.length, Duration.ofSeconds(30));
    return run.sql()
        .sql(
            """
            select percentile_disc(0.99) within group
                     (order by extract(epoch from a.started_at - m.created_at))
              from messages m join attempts a using (message_id)
             where m.message_content = any (?)
            """)
        .param(names)
        .query(Double.class)
        .single();
  }

  private static int sent(Campaign run, String[] names) {
    return run.sql()
        .sql(
            """
            select count(*) from messages
             where message_content = any (?) and dispatch = 'handed_off'
            """)
        .param(names)
        .query(Integer.class)
        .single();
  }

  private static int waiting(Campaign run, Tenant tenant) {
    return run.sql()
        .sql("select count(*) from jobs where app_id = ?")
        .param(tenant.app())
        .query(Integer.class)
        .single();
  }
}
