package dev.postrider.queue;

import dev.postrider.platform.Node;
import dev.postrider.platform.database.Rows;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The queue in PostgreSQL: rows claimed with SKIP LOCKED, fenced by a token. */
@Repository
public class JobStore implements JobQueue {
  /** How many lanes one claim looks at: with thousands of them, it goes on where it stopped. */
  private static final int LANES_AT_ONCE = 256;

  private static final Duration BEHIND = Duration.ofMillis(500);

  /** Long enough for somebody else to see to a job before it is met again. */
  private static final Duration A_MOMENT = Duration.ofSeconds(3);

  /** How many times {@code behind} a job stays out of the way at most, however many are due. */
  private static final int LONGEST_BEHIND = 60;

  /** How many that go before a job are counted: with these it is out of the way for longest. */
  private static final int MOST_COUNTED = 4 * LONGEST_BEHIND - 3;

  /** How many more of each priority are looked at where the one that was tried least is to go. */
  private static final int TO_CHOOSE_A_PROBE_FROM = 16;

  /**
   * That a job (e) waits and keeps those waiting that came after it in its order: unless its time
   * has not come, it is held, or it was tried before, for then the order is lost anyway. What does
   * not depend on the time is what {@code jobs_order_waiting} holds.
   */
  private static final String HOLDS_PLACE =
      """
      e.order_key <> 0 and e.token is null and e.attempt = 0 and e.run_at < 'infinity'
        and e.ordered_at <= now()\
      """;

  /** That another node has a job (e); by {@code jobs_order_claimed}. */
  private static final String IS_ELSEWHERE =
      "e.order_key <> 0 and e.token is not null and e.node <> :node::uuid";

  private final JdbcClient jdbc;
  private final UUID node;
  private final Duration behind;
  private final PaceStore paces;

  @Autowired
  public JobStore(JdbcClient jdbc, Node node, PaceStore paces) {
    this(jdbc, node, BEHIND, paces);
  }

  JobStore(JdbcClient jdbc) {
    this(jdbc, BEHIND);
  }

  /**
   * @param behind how long a job that must wait for another one is left alone
   */
  JobStore(JdbcClient jdbc, Duration behind) {
    this(jdbc, new Node(), behind, new PaceStore(jdbc, PaceStore.SOON));
  }

  JobStore(JdbcClient jdbc, Node node, Duration behind, PaceStore paces) {
    this.jdbc = jdbc;
    this.node = node.id();
    this.behind = behind;
    this.paces = paces;
  }

  @Override
  public Instant now() {
    return jdbc.sql("select clock_timestamp() as now")
        .query((row, _) -> Rows.instant(row, "now"))
        .single();
  }

  @Override
  public Set<Long> enqueue(List<NewJob> jobs, Duration lease) {
    int n = jobs.size();
    String[] kinds = new String[n];
    long[] ids = new long[n];
    long[] apps = new long[n];
    long[] lanes = new long[n];
    int[] priorities = new int[n];
    long[] orders = new long[n];
    @Nullable String[] runAt = new @Nullable String[n];
    @Nullable Long[] tokens = new @Nullable Long[n];
    for (int i = 0; i < n; i++) {
      NewJob job = jobs.get(i);
      Instant due = job.runAt();
      kinds[i] = job.kind();
      ids[i] = job.id();
      apps[i] = job.appId();
      lanes[i] = job.lane();
      priorities[i] = job.priority().stored();
      orders[i] = job.orderKey();
      runAt[i] = due == null ? null : due.equals(NewJob.HELD) ? "infinity" : due.toString();
      tokens[i] = job.token();
    }
    return jdbc
        .sql(
            """
            with asked as materialized (
              -- Materialized, or the question below would be asked for each use of its answer.
              select kind, id, app, lane, priority, order_key, run_at,
                     -- Not claimed when one that came before is due and not on this node.
                     case when order_key = 0 or token is null or (
                               (select 1 from jobs e
                                 where e.order_key = t.order_key and e.kind = t.kind
                                   and e.priority = t.priority and ${holds_place}
                                 limit 1) is null
                               and
                               (select 1 from jobs e
                                 where e.order_key = t.order_key and e.kind = t.kind
                                   and e.priority = t.priority and ${is_elsewhere}
                                 limit 1) is null)
                          then token end as token
                from unnest(:kinds::text[], :ids::bigint[], :apps::bigint[], :lanes::bigint[],
                            :priorities::int[], :orders::bigint[], :run_at::timestamptz[],
                            :tokens::bigint[])
                  as t (kind, id, app, lane, priority, order_key, run_at, token)
            ), added as (
              insert into jobs (kind, id, app_id, lane, priority, order_key, run_at, ordered_at,
                                attempt, token, node, claimed_at, lease_until)
              select kind, id, app, lane, priority, order_key,
                     coalesce(run_at, now()), coalesce(run_at, now()),
                     case when token is null then 0 else 1 end,
                     token,
                     case when token is not null then :node::uuid end,
                     case when token is not null then now() end,
                     case when token is not null then now() + :lease * interval '1 millisecond' end
                from asked
              returning token
            )
            select token from added where token is not null
            """
                .replace("${holds_place}", HOLDS_PLACE)
                .replace("${is_elsewhere}", IS_ELSEWHERE))
        .param("node", node)
        .param("lease", lease.toMillis())
        .param("kinds", kinds)
        .param("ids", ids)
        .param("apps", apps)
        .param("lanes", lanes)
        .param("priorities", priorities)
        .param("orders", orders)
        .param("run_at", runAt)
        .param("tokens", tokens)
        .query(JobStore::token)
        .list()
        .stream()
        .collect(Collectors.toSet());
  }

  /** A lane with waiting jobs, whose it is, and whether one of them is due. */
  private record Lane(long id, long app, boolean due) {}

  /**
   * Lanes that keep something waiting which is due.
   *
   * @param next the lane after which to look on; empty when the last one was reached
   */
  public record KeptWaiting(Set<Long> lanes, OptionalLong next) {}

  /** In which lanes a job has been due for so long, of the next few after one. */
  public KeptWaiting keptWaiting(String kind, long after, Duration dueFor) {
    List<Lane> seen = lanes(kind, after, dueFor);
    return new KeptWaiting(
        seen.stream().filter(Lane::due).map(Lane::id).collect(Collectors.toSet()),
        seen.size() < LANES_AT_ONCE ? OptionalLong.empty() : OptionalLong.of(seen.getLast().id()));
  }

  @Override
  public Claimed claim(
      String kind,
      int limit,
      int perLane,
      Duration lease,
      long cursor,
      Narrows narrow,
      Map<Long, Pace> paced,
      int turn) {
    // Before the first statement: leases count from the time that the transaction shows.
    long before = System.nanoTime();
    List<Lane> seen = lanes(kind, cursor, Duration.ZERO);
    List<Lane> open =
        seen.stream()
            .filter(lane -> lane.due() && narrow.of(lane.id(), lane.app(), perLane) > 0)
            .limit(limit)
            .toList();
    boolean cameRound = seen.size() < LANES_AT_ONCE && open.size() < limit;
    OptionalLong next =
        cameRound
            ? OptionalLong.empty()
            : OptionalLong.of(open.size() == limit ? open.getLast().id() : seen.getLast().id());
    boolean full = seen.stream().anyMatch(it -> it.due() && narrow.isFull(it.id(), it.app()));
    if (open.isEmpty()) {
      return new Claimed(List.of(), next, Map.of(), List.of(), full);
    }
    Map<Long, Integer> shares = Shares.of(open, Lane::app, Lane::id, limit, perLane, turn);
    open.forEach(lane ->
        shares.computeIfPresent(lane.id(), (id, share) -> narrow.of(id, lane.app(), share)));
    Map<Long, List<Duration>> places = paces.take(shares, paced);
    Picked picked = claimFrom(kind, shares, narrow, lease, turn, before);
    return new Claimed(
        picked.jobs(), next, paces.give(picked.jobs(), places), picked.moved(), full);
  }

  /**
   * The next lanes with waiting jobs, found by hopping over the index, a probe each: a backlog of a
   * million in one lane costs no more than a backlog of one. A probe passes what was claimed at the
   * lane's beginning and is not vacuumed yet, so it is the only one, unless its job is not due:
   * then the other priorities are asked. Each asks for the first of an order, because with a plain
   * "is there one" the planner expects to meet one soon, and reads.
   *
   * @param dueFor since when at the latest a job has been due for its lane to count as due
   */
  private List<Lane> lanes(String kind, long cursor, Duration dueFor) {
    return jdbc.sql(
            """
            with recursive hop as (
              (select lane, app_id, priority, run_at, 1 as n from jobs
                where kind = :kind and token is null and lane > :cursor
                order by lane, priority, run_at limit 1)
              union all
              select next.*, h.n + 1
                from hop h cross join lateral (
                  select j.lane, j.app_id, j.priority, j.run_at from jobs j
                   where j.kind = :kind and j.token is null and j.lane > h.lane
                   order by j.lane, j.priority, j.run_at limit 1) next
               where h.n < :most
            )
            select lane, app_id, run_at <= since or exists (
                     select 1 from (values (1), (2), (3)) as p (priority)
                      where p.priority > hop.priority
                        and (select j.run_at from jobs j
                              where j.kind = :kind and j.lane = hop.lane
                                and j.priority = p.priority and j.token is null
                              order by j.run_at limit 1) <= since) as due
              from hop, (select now() - :due_for * interval '1 millisecond' as since) at
            """)
        .param("kind", kind)
        .param("cursor", cursor)
        .param("most", LANES_AT_ONCE)
        .param("due_for", dueFor.toMillis())
        .query(
            (row, _) -> new Lane(row.getLong("lane"), row.getLong("app_id"), row.getBoolean("due")))
        .list();
  }

  /** A claimed job, and its place in its order. */
  private record Taken(Job job, Instant place) {}

  private record Picked(List<Job> jobs, List<Moved> moved) {}

  private Picked claimFrom(
      String kind,
      Map<Long, Integer> shares,
      Narrows narrow,
      Duration lease,
      int turn,
      long before) {
    int[] among =
        shares.entrySet().stream()
            .mapToInt(
                it -> it.getValue() + (narrow.isProbed(it.getKey()) ? TO_CHOOSE_A_PROBE_FROM : 0))
            .toArray();
    // MATERIALIZED keeps the planner from running the choice again for every row it updates, which
    // would claim more than the limit. Arrays, and not joins: the planner takes a limit that it
    // cannot see for a tenth of the table, and would read all of a long backlog for a few rows.
    return jdbc.sql(
            """
            with picked as materialized (
              select due.*
                from unnest(:lanes::bigint[], :shares::int[], :among::int[])
                       as open (lane, share, among)
               cross join lateral (
                 select * from (
                   select due.*
                     from (values (0), (1), (2), (3)) as p (priority)
                    cross join lateral (
                      select id, priority, run_at, order_key, ordered_at, attempt, counted
                        from jobs
                       where kind = :kind and lane = open.lane and priority = p.priority
                         and token is null and run_at <= now()
                       order by run_at, id limit open.among
                         for update skip locked) due
                 ) ranked
                 order by case when open.among > open.share then counted else 0 end,
                          case when :oldest then 0 else priority end, run_at, id
                 limit open.share) due
            ), judged as materialized (
              -- Until when another must go before it: one that another node has, or one that keeps
              -- its place and that we did not get, unless it was tried itself and has lost its own.
              -- Null for those that are free. Only so many are counted as make a difference below.
              select p.id, ahead.behind_until, ahead.count
                from picked p cross join lateral (
                      select max(until) as behind_until, count(*) as count from (
                        (select e.run_at as until from jobs e
                          where e.order_key = p.order_key and e.kind = :kind
                            and e.priority = p.priority and ${holds_place} and p.attempt = 0
                            and (e.ordered_at, e.id) < (p.ordered_at, p.id)
                            and e.id not in (select id from picked)
                          order by e.ordered_at, e.id limit ${enough})
                        union all
                        (select now() from jobs e
                          where e.order_key = p.order_key and e.kind = :kind
                            and e.priority = p.priority and ${is_elsewhere}
                          limit ${enough})) found) ahead
            ), behind as (
              -- Out of the way for a moment, longer with each that goes before them, or they would be
              -- picked again and again, and nobody after them in their lane. They keep their place
              -- in their order.
              update jobs b
                 set run_at = (select greatest(behind_until,
                                               now() + :behind * (3 + least(count, ${enough})) / 4.0
                                                         * interval '1 millisecond')
                                 from judged where judged.id = b.id)
               where b.kind = :kind and :behind > 0
                 and b.id = any (array(select id from judged where behind_until is not null))
              returning b.*
            ), claimed as (
              update jobs j
                 set token = (random() * 9e18)::bigint, node = :node::uuid, claimed_at = now(),
                     lease_until = now() + :lease * interval '1 millisecond',
                     attempt = attempt + 1, started = false
               where j.kind = :kind and j.token is null
                 and j.id = any (array(select id from judged where behind_until is null))
              returning j.*
            )
            select claimed.*, false as moved from claimed
             union all
            select behind.*, true as moved from behind
            """
                .replace("${holds_place}", HOLDS_PLACE)
                .replace("${is_elsewhere}", IS_ELSEWHERE)
                .replace("${enough}", Integer.toString(MOST_COUNTED)))
        .param("kind", kind)
        .param("lanes", shares.keySet().stream().mapToLong(Long::longValue).toArray())
        .param("shares", shares.values().stream().mapToInt(Integer::intValue).toArray())
        .param("among", among)
        .param("behind", behind.toMillis())
        .param("oldest", JobQueue.isOldestsTurn(turn))
        .param("node", node)
        .param("lease", lease.toMillis())
        .query((ResultSet row) -> picked(row, before));
  }

  private static Picked picked(ResultSet row, long before) throws SQLException {
    List<Taken> taken = new ArrayList<>();
    List<Moved> moved = new ArrayList<>();
    while (row.next()) {
      if (row.getBoolean("moved")) {
        moved.add(new Moved(row.getLong("id"), row.getLong("app_id"), Rows.instant(row, "run_at")));
      } else {
        taken.add(new Taken(job(row, before), Rows.instant(row, "ordered_at")));
      }
    }
    taken.sort(
        Comparator.comparing((Taken it) -> it.job().priority())
            .thenComparing(Taken::place)
            .thenComparingLong(it -> it.job().id()));
    return new Picked(taken.stream().map(Taken::job).toList(), moved);
  }

  @Override
  public Set<Long> finish(List<? extends Finish> finishes) {
    List<Job> done = new ArrayList<>();
    List<Finish> again = new ArrayList<>();
    for (Finish finish : finishes) {
      if (finish instanceof Finish.Done(var job)) {
        done.add(job);
      } else {
        again.add(finish);
      }
    }
    Set<Long> held = new HashSet<>();
    if (!done.isEmpty()) {
      held.addAll(delete(done));
    }
    if (!again.isEmpty()) {
      held.addAll(requeue(again));
    }
    return held;
  }

  private List<Long> delete(List<Job> jobs) {
    return jdbc.sql(
            """
            delete from jobs j
             using unnest(:kinds::text[], :ids::bigint[], :tokens::bigint[]) as t (kind, id, token)
             where j.kind = t.kind and j.id = t.id and j.token = t.token
            returning j.token
            """)
        .param("kinds", kinds(jobs))
        .param("ids", ids(jobs))
        .param("tokens", tokens(jobs))
        .query(JobStore::token)
        .list();
  }

  private List<Long> requeue(List<Finish> finishes) {
    int n = finishes.size();
    List<Job> jobs = finishes.stream().map(Finish::job).toList();
    long[] after = new long[n];
    int[] priorities = new int[n];
    boolean[] back = new boolean[n];
    boolean[] hold = new boolean[n];
    boolean[] keeps = new boolean[n];
    boolean[] counts = new boolean[n];
    boolean[] ambiguous = new boolean[n];
    for (int i = 0; i < n; i++) {
      priorities[i] = jobs.get(i).priority().stored();
      back[i] = finishes.get(i).isUnstarted();
      switch (finishes.get(i)) {
        case Finish.Again again -> {
          after[i] = again.after().toMillis();
          counts[i] = again.counts();
          ambiguous[i] = again.ambiguous();
        }
        case Finish.Back(_, var wait, var keepsPlace) -> {
          after[i] = wait.toMillis();
          keeps[i] = keepsPlace;
        }
        case Finish.Hold _ -> hold[i] = true;
        case Finish.Done _ -> throw new IllegalArgumentException("a done job is deleted");
      }
    }
    return jdbc.sql(
            """
            update jobs j
               set priority = t.priority,
                   run_at = case when t.hold then 'infinity'
                                 when t.back and t.after = 0 then j.run_at
                                 else now() + t.after * interval '1 millisecond' end,
                   ordered_at = case when t.keeps then j.ordered_at
                                     else now() + t.after * interval '1 millisecond' end,
                   attempt = j.attempt - case when t.back then 1 else 0 end,
                   counted = j.counted + case when t.counts then 1 else 0 end,
                   ambiguous = j.ambiguous or t.ambiguous,
                   token = null, node = null, claimed_at = null, lease_until = null
              from unnest(:kinds::text[], :ids::bigint[], :tokens::bigint[], :priorities::int[],
                          :after::bigint[], :back::boolean[], :hold::boolean[], :keeps::boolean[],
                          :counts::boolean[], :ambiguous::boolean[])
                as t (kind, id, token, priority, after, back, hold, keeps, counts, ambiguous)
             where j.kind = t.kind and j.id = t.id and j.token = t.token
            returning t.token
            """)
        .param("kinds", kinds(jobs))
        .param("ids", ids(jobs))
        .param("tokens", tokens(jobs))
        .param("priorities", priorities)
        .param("after", after)
        .param("back", back)
        .param("hold", hold)
        .param("keeps", keeps)
        .param("counts", counts)
        .param("ambiguous", ambiguous)
        .query(JobStore::token)
        .list();
  }

  @Override
  public boolean begin(Job job, Duration lease, boolean mark) {
    return jdbc.sql(
                """
                update jobs
                   set started = :mark, lease_until = now() + :lease * interval '1 millisecond'
                 where kind = :kind and id = :id and token = :token and lease_until > now()
                """)
            .param("mark", mark)
            .param("lease", lease.toMillis())
            .param("kind", job.kind())
            .param("id", job.id())
            .param("token", job.token())
            .update()
        == 1;
  }

  @Override
  public List<Expired> rescue(String kind, int limit) {
    return jdbc
        .sql(
            """
            with expired as materialized (
              select id, token, claimed_at, started from jobs
               where kind = :kind and token is not null and lease_until < now()
               order by lease_until limit :limit
                 for update skip locked
            )
            update jobs j
               set run_at = now(), ambiguous = true,
                   -- After its first crash a job marks its start: one that only waited in memory
                   -- took nobody down.
                   crashes = j.crashes + case when j.crashes < 1 or e.started then 1 else 0 end,
                   token = null, node = null, claimed_at = null, lease_until = null
              from expired e
             where j.kind = :kind and j.id = e.id and j.token = e.token
            returning j.kind, j.id, j.app_id, j.lane, j.priority, j.order_key, j.attempt, j.counted,
                      j.crashes, j.ambiguous, e.token, e.claimed_at, e.started, now() as now
            """)
        .param("kind", kind)
        .param("limit", limit)
        .query((row, _) ->
            new Expired(
                job(row, System.nanoTime()), row.getBoolean("started"), Rows.instant(row, "now")))
        .list()
        .stream()
        .sorted(Comparator.comparingLong(expired -> expired.job().id()))
        .toList();
  }

  @Override
  public void uncount(String kind, Collection<Long> ids) {
    jdbc.sql(
            """
            update jobs set attempt = attempt - 1
             where kind = :kind and id = any (:ids::bigint[]) and token is null and attempt > 0
            """)
        .param("kind", kind)
        .param("ids", ids.stream().mapToLong(Long::longValue).toArray())
        .update();
  }

  @Override
  public boolean cancel(String kind, long id) {
    return jdbc.sql("delete from jobs where kind = :kind and id = :id and token is null")
            .param("kind", kind)
            .param("id", id)
            .update()
        == 1;
  }

  @Override
  public void remove(String kind, Collection<Long> ids) {
    jdbc.sql("delete from jobs where kind = :kind and id = any (:ids::bigint[])")
        .param("kind", kind)
        .param("ids", ids.stream().mapToLong(Long::longValue).toArray())
        .update();
  }

  @Override
  public boolean reschedule(String kind, long id, Instant runAt) {
    return jdbc.sql(
                """
                update jobs set run_at = :run_at::timestamptz, ordered_at = :run_at::timestamptz
                 where kind = :kind and id = :id and token is null
                """)
            .param("kind", kind)
            .param("id", id)
            .param("run_at", runAt.toString())
            .update()
        == 1;
  }

  /** Makes unclaimed jobs due at these times, or in a moment, where they would be later. */
  public void bringForward(String kind, Map<Long, Instant> times) {
    jdbc.sql(
            """
            update jobs j
               set run_at = least(j.run_at, greatest(t.at, now() + :moment * interval '1 millisecond'))
              from unnest(:ids::bigint[], :times::timestamptz[]) as t (id, at)
             where j.kind = :kind and j.id = t.id and j.token is null
            """)
        .param("kind", kind)
        .param("moment", A_MOMENT.toMillis())
        .param("ids", times.keySet().stream().mapToLong(Long::longValue).toArray())
        .param("times", times.values().stream().map(Instant::toString).toArray(String[]::new))
        .update();
  }

  @Override
  public void hold(String kind, Collection<Long> ids) {
    jdbc.sql(
            """
            update jobs set run_at = 'infinity'
             where kind = :kind and id = any (:ids::bigint[]) and token is null
               and run_at < 'infinity'
               -- What waits for its next attempt keeps its time.
               and attempt = 0
            """)
        .param("kind", kind)
        .param("ids", ids.stream().mapToLong(Long::longValue).toArray())
        .update();
  }

  @Override
  public void wake(String kind, Map<Long, Instant> due) {
    jdbc.sql(
            """
            update jobs j
               set run_at = greatest(t.due, now()), ordered_at = greatest(t.due, now())
              from unnest(:ids::bigint[], :due::timestamptz[]) as t (id, due)
             where j.kind = :kind and j.id = t.id and j.run_at = 'infinity'
            """)
        .param("kind", kind)
        .param("ids", due.keySet().stream().mapToLong(Long::longValue).toArray())
        .param("due", due.values().stream().map(Instant::toString).toArray(String[]::new))
        .update();
  }

  @Override
  public void restart(String kind, long lane) {
    jdbc.sql(
            """
            update jobs
               set run_at = now(), ordered_at = now(), counted = 0
             where kind = :kind and lane = :lane and token is null and run_at < 'infinity'
            """)
        .param("kind", kind)
        .param("lane", lane)
        .update();
  }

  @Override
  public Optional<Standing> standing(String kind, long id) {
    return jdbc.sql(
            """
            select nullif(run_at, 'infinity') as run_at, now() as now, claimed_at, lease_until,
                   attempt, counted, crashes
              from jobs where kind = :kind and id = :id
            """)
        .param("kind", kind)
        .param("id", id)
        .query((row, _) ->
            new Standing(
                Optional.ofNullable(Rows.optional(row, "run_at")),
                Rows.instant(row, "now"),
                claim(row),
                row.getInt("attempt"),
                row.getInt("counted"),
                row.getInt("crashes")))
        .optional();
  }

  private static Optional<Claim> claim(ResultSet row) throws SQLException {
    Instant at = Rows.optional(row, "claimed_at");
    return at == null
        ? Optional.empty()
        : Optional.of(new Claim(at, Rows.instant(row, "lease_until")));
  }

  @Override
  public Turn turn(String kind, long id) {
    return jdbc.sql(
            """
            select (select count(*) from (
                      -- Priority by priority: each is a range of the index, and ends at now. In its
                      -- order, or the planner expects to meet enough soon, and reads the table.
                      (select 1 from (values (0), (1), (2)) as q (priority)
                        cross join lateral (
                              select 1 from jobs e
                               where e.kind = p.kind and e.lane = p.lane and e.token is null
                                 and e.priority = q.priority and e.run_at <= now()
                               order by e.run_at limit :most) more_urgent
                        where q.priority < p.priority)
                      union all
                      (select 1 from jobs e
                        where e.kind = p.kind and e.lane = p.lane and e.token is null
                          and e.priority = p.priority and e.run_at <= now()
                          and (e.run_at, e.id) < (p.run_at, p.id)
                        order by e.run_at, e.id limit :most)
                      limit :most) ahead) as ahead,
                   coalesce(
                     (select e.id from jobs e
                       where e.order_key = p.order_key and e.kind = p.kind and e.id <> p.id
                         and e.priority = p.priority and e.order_key <> 0 and e.token is not null
                       limit 1),
                     (select e.id from jobs e
                       where e.order_key = p.order_key and e.kind = p.kind
                         and e.priority = p.priority and ${holds_place} and p.attempt = 0
                         and (e.ordered_at, e.id) < (p.ordered_at, p.id)
                       order by e.ordered_at, e.id limit 1)) as first,
                   (select next_at from lane_paces where lane = p.lane and next_at > now())
                     as next_place
              from jobs p where p.kind = :kind and p.id = :id
            """
                .replace("${holds_place}", HOLDS_PLACE))
        .param("kind", kind)
        .param("id", id)
        .param("most", MOST_AHEAD)
        .query((row, _) ->
            new Turn(
                row.getLong("ahead"),
                row.getObject("first") == null
                    ? OptionalLong.empty()
                    : OptionalLong.of(row.getLong("first")),
                Optional.ofNullable(Rows.optional(row, "next_place"))))
        .optional()
        .orElse(Turn.NONE);
  }

  @Override
  public Queued queued(String kind, long lane) {
    return jdbc.sql(
            """
            select (select count(*) from (
                      select 1 from jobs
                       where kind = :kind and lane = :lane and token is null and run_at <= now()
                       limit :most) ahead) as ahead,
                   (select next_at from lane_paces where lane = :lane and next_at > now())
                     as next_place,
                   now() as now
            """)
        .param("kind", kind)
        .param("lane", lane)
        .param("most", MOST_AHEAD)
        .query((row, _) ->
            new Queued(
                row.getLong("ahead"),
                Optional.ofNullable(Rows.optional(row, "next_place")),
                Rows.instant(row, "now")))
        .single();
  }

  /**
   * Where a job stands in its lane.
   *
   * @param runAt as PostgreSQL writes it, {@code infinity} included
   */
  public record Place(int priority, String runAt, long id) {
    public static final Place FIRST = new Place(-1, "-infinity", 0);

    /** Behind the last of its priority. */
    public Place afterItsPriority() {
      return new Place(priority, "infinity", Long.MAX_VALUE);
    }
  }

  /**
   * A job that nobody has claimed.
   *
   * @param later whether it is not due for more than a minute, or held: so are all that come after
   *     it in its priority
   */
  public record Unclaimed(long id, long appId, Place place, boolean later) {}

  /** A lane's unclaimed jobs after a place, due or not, the most urgent first. */
  public List<Unclaimed> unclaimed(String kind, long lane, Place after, int limit) {
    return jdbc.sql(
            """
            select id, app_id, priority, run_at::text as run_at,
                   run_at > now() + interval '1 minute' as later
              from jobs
             where kind = :kind and lane = :lane and token is null
               and (priority, run_at, id) > (:priority, :run_at::timestamptz, :id)
             order by priority, run_at, id limit :limit
            """)
        .param("kind", kind)
        .param("lane", lane)
        .param("priority", after.priority())
        .param("run_at", after.runAt())
        .param("id", after.id())
        .param("limit", limit)
        .query((row, _) ->
            new Unclaimed(
                row.getLong("id"),
                row.getLong("app_id"),
                new Place(row.getInt("priority"), row.getString("run_at"), row.getLong("id")),
                row.getBoolean("later")))
        .list();
  }

  /** Which of these lanes have a job that nobody has claimed; after one, in their order. */
  public List<Long> lanesWithJobs(String kind, Collection<Long> lanes, long after, int limit) {
    return jdbc.sql(
            """
            -- Sorted first, so that it stops when it has found enough.
            select lane
              from (select lane from unnest(:lanes::bigint[]) as l (lane)
                     where lane > :after order by lane) t
             where (select 1 from jobs j
                     where j.kind = :kind and j.lane = t.lane and j.token is null
                     order by j.priority limit 1) is not null
             limit :limit
            """)
        .param("kind", kind)
        .param("lanes", lanes.stream().mapToLong(Long::longValue).toArray())
        .param("after", after)
        .param("limit", limit)
        .query((row, _) -> row.getLong("lane"))
        .list();
  }

  /** Locks those of these jobs that nobody has; until the transaction ends nobody gets them. */
  public List<Long> lockUnclaimed(String kind, Collection<Long> ids) {
    return jdbc.sql(
            """
            select id from jobs
             where kind = :kind and id = any (:ids::bigint[]) and token is null
             order by id for update skip locked
            """)
        .param("kind", kind)
        .param("ids", ids.stream().mapToLong(Long::longValue).toArray())
        .query((row, _) -> row.getLong("id"))
        .list();
  }

  @Override
  public boolean hasDue(String kind, long lane, Priority priority, int atLeast) {
    return jdbc.sql(
            """
            select count(*) >= :at_least as enough from (
              select 1 from jobs
               where kind = :kind and lane = :lane and priority = :priority and token is null
                 and run_at <= now()
               limit :at_least) due
            """)
        .param("kind", kind)
        .param("lane", lane)
        .param("priority", priority.stored())
        .param("at_least", atLeast)
        .query((row, _) -> row.getBoolean("enough"))
        .single();
  }

  @Override
  public Depth depth(String kind) {
    return jdbc.sql(
            """
            select count(*) filter (where token is null and run_at <= now()) as waiting,
                   count(*) filter (where token is null and run_at > now()) as scheduled,
                   count(*) filter (where token is not null) as claimed,
                   coalesce(extract(epoch from now() -
                     min(run_at) filter (where token is null and run_at <= now())), 0) as oldest
              from jobs where kind = :kind
            """)
        .param("kind", kind)
        .query((row, _) ->
            new Depth(
                row.getLong("waiting"),
                row.getLong("scheduled"),
                row.getLong("claimed"),
                row.getDouble("oldest")))
        .single();
  }

  private static Job job(ResultSet row, long claimedNanos) throws SQLException {
    return new Job(
        row.getString("kind"),
        row.getLong("id"),
        row.getLong("app_id"),
        row.getLong("lane"),
        Priority.stored(row.getInt("priority")),
        row.getLong("order_key"),
        row.getInt("attempt"),
        row.getInt("counted"),
        row.getInt("crashes"),
        row.getBoolean("ambiguous"),
        row.getLong("token"),
        Rows.instant(row, "claimed_at"),
        claimedNanos);
  }

  private static long token(ResultSet row, int ignored) throws SQLException {
    return row.getLong("token");
  }

  private static String[] kinds(List<Job> jobs) {
    return jobs.stream().map(Job::kind).toArray(String[]::new);
  }

  private static long[] ids(List<Job> jobs) {
    return jobs.stream().mapToLong(Job::id).toArray();
  }

  private static long[] tokens(List<Job> jobs) {
    return jobs.stream().mapToLong(Job::token).toArray();
  }
}
