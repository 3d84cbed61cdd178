package dev.postrider.circuit;

import dev.postrider.circuit.CircuitState.NodeState;
import dev.postrider.circuit.Order.Forced;
import dev.postrider.platform.database.Rows;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** All SQL on circuits: what was ordered, and what the nodes report. */
@Repository
public class CircuitStore {
  /** A node that has not repeated its report for so long is not there any more. */
  static final Duration FRESH = Duration.ofSeconds(15);

  private final JdbcClient jdbc;

  public CircuitStore(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * An outage that begins or ends.
   *
   * @param code why it began
   */
  record Outage(long sender, boolean begins, Instant at, String code) {}

  Map<Long, Order> orders() {
    Map<Long, Order> orders = new HashMap<>();
    jdbc.sql("select sender_id, forced, ordered_at from circuit_orders")
        .query(row -> {
          orders.put(row.getLong("sender_id"), order(row));
        });
    return orders;
  }

  /** What the nodes knew before is forgotten with it. */
  void order(long sender, @Nullable Forced forced) {
    jdbc.sql(
            """
            with reports as (delete from circuits where sender_id = :sender)
            insert into circuit_orders (sender_id, forced, ordered_at)
            values (:sender, :forced, clock_timestamp())
            on conflict (sender_id)
            do update set forced = excluded.forced, ordered_at = excluded.ordered_at
            """)
        .param("sender", sender)
        .param("forced", forced == null ? null : forced.word())
        .update();
  }

  void report(String node, Map<Long, Circuit.Standing> standing) {
    List<Map.Entry<Long, Circuit.Standing>> rows = List.copyOf(standing.entrySet());
    jdbc.sql(
            """
            insert into circuits (sender_id, node, state, since, until, code, openings, seen_at)
            select sender, :node::uuid, state, since, until, code, openings, now()
              from unnest(:senders::bigint[], :states::text[], :sinces::timestamptz[],
                          :untils::timestamptz[], :codes::text[], :openings::int[])
                as t (sender, state, since, until, code, openings)
             order by sender
            on conflict (sender_id, node)
            do update set state = excluded.state, since = excluded.since, until = excluded.until,
                          code = excluded.code, openings = excluded.openings, seen_at = now()
            """)
        .param("node", node)
        .param("senders", rows.stream().mapToLong(Map.Entry::getKey).toArray())
        .param("states", Rows.texts(rows, it -> it.getValue().state()))
        .param("sinces", Rows.texts(rows, it -> it.getValue().since()))
        .param("untils", Rows.texts(rows, it -> it.getValue().until()))
        .param("codes", Rows.texts(rows, it -> it.getValue().code()))
        .param("openings", rows.stream().mapToInt(it -> it.getValue().openings()).toArray())
        .update();
  }

  void closed(String node, Collection<Long> senders) {
    jdbc.sql(
            "delete from circuits where node = :node::uuid and sender_id = any (:senders::bigint[])")
        .param("node", node)
        .param("senders", senders.stream().mapToLong(Long::longValue).toArray())
        .update();
  }

  /**
   * Reports of nodes that are gone, and orders that every node has followed and that hold nothing.
   */
  void forget() {
    jdbc.sql(
            """
            with dead as (
              delete from circuits where seen_at < now() - :fresh * interval '1 second'
            )
            delete from circuit_orders
             where forced is null and ordered_at < now() - interval '1 hour'
            """)
        .param("fresh", FRESH.toSeconds() * 4)
        .update();
  }

  /**
   * What becomes public: senders whose circuit has opened on some node or by hand, and those whose
   * circuit is closed everywhere again. Only one of those who ask at once gets a change.
   */
  List<Outage> outages() {
    return jdbc.sql(
            """
            with held as (
              select sender_id, ordered_at as since, 'forced_open' as code
                from circuit_orders where forced = 'open'
            ), reported as (
              select * from circuits
               where sender_id not in (select sender_id from circuit_orders
                                        where forced is not null)
            ), now_open as (
              select * from held
              union all
              (select distinct on (sender_id) sender_id, since, code from reported
                where seen_at > now() - :fresh * interval '1 second'
                order by sender_id, since)
            ), begun as (
              insert into circuit_outages (sender_id, since, code)
              select sender_id, since, code from now_open order by sender_id
              on conflict do nothing
              returning sender_id, since as at, code
            ), ended as (
              -- An old report still counts: while the database was away, nobody could renew it.
              delete from circuit_outages
               where sender_id not in (select sender_id from held)
                 and sender_id not in (select sender_id from reported)
              returning sender_id, clock_timestamp() as at, code
            )
            select *, true as begins from begun union all select *, false from ended
            """)
        .param("fresh", FRESH.toSeconds())
        .query((row, _) ->
            new Outage(
                row.getLong("sender_id"),
                row.getBoolean("begins"),
                Rows.instant(row, "at"),
                row.getString("code")))
        .list();
  }

  /** What nodes report of these senders; nothing where all are closed. */
  Map<Long, List<NodeState>> reports(Collection<Long> senders) {
    Map<Long, List<NodeState>> reports = new HashMap<>();
    jdbc.sql(
            """
            select * from circuits
             where sender_id = any (:senders::bigint[])
               and seen_at > now() - :fresh * interval '1 second'
             order by sender_id, node
            """)
        .param("senders", senders.stream().mapToLong(Long::longValue).toArray())
        .param("fresh", FRESH.toSeconds())
        .query(row -> {
          reports
              .computeIfAbsent(row.getLong("sender_id"), _ -> new ArrayList<>())
              .add(report(row));
        });
    return reports;
  }

  /** Senders after this one whose circuit is not closed everywhere, or forced. */
  List<Long> notable(long after, int limit) {
    return jdbc.sql(
            """
            select sender_id from circuits
             where sender_id > :after and seen_at > now() - :fresh * interval '1 second'
            union
            select sender_id from circuit_orders
             where sender_id > :after and forced is not null
            order by sender_id limit :limit
            """)
        .param("after", after)
        .param("fresh", FRESH.toSeconds())
        .param("limit", limit)
        .query((row, _) -> row.getLong("sender_id"))
        .list();
  }

  private static NodeState report(ResultSet row) throws SQLException {
    return new NodeState(
        row.getString("node"),
        row.getString("state"),
        Rows.instant(row, "since"),
        Rows.instant(row, "until"),
        row.getString("code"),
        row.getInt("openings"));
  }

  private static Order order(ResultSet row) throws SQLException {
    String forced = row.getString("forced");
    return new Order(
        forced == null ? null : Forced.parse(forced).orElseThrow(),
        Rows.instant(row, "ordered_at"));
  }
}
