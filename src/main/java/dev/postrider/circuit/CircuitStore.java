package dev.postrider.circuit;

import dev.postrider.circuit.Order.Forced;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
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

  /** One node's report of a circuit that is not closed there. */
  record Report(
      long sender,
      String node,
      String state,
      Instant since,
      Instant until,
      String code,
      int openings) {}

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
    for (var entry : standing.entrySet()) {
      Circuit.Standing now = entry.getValue();
      jdbc.sql(
              """
              insert into circuits (sender_id, node, state, since, until, code, openings, seen_at)
              values (:sender, :node::uuid, :state, :since::timestamptz, :until::timestamptz, :code,
                      :openings, now())
              on conflict (sender_id, node)
              do update set state = excluded.state, since = excluded.since, until = excluded.until,
                            code = excluded.code, openings = excluded.openings, seen_at = now()
              """)
          .param("sender", entry.getKey())
          .param("node", node)
          .param("state", now.state())
          .param("since", now.since().toString())
          .param("until", now.until().toString())
          .param("code", now.code())
          .param("openings", now.openings())
          .update();
    }
  }

  void closed(String node, Collection<Long> senders) {
    jdbc.sql(
            "delete from circuits where node = :node::uuid and sender_id = any (:senders::bigint[])")
        .param("node", node)
        .param("senders", senders.stream().mapToLong(Long::longValue).toArray())
        .update();
  }

  void forgetTheDead() {
    jdbc.sql("delete from circuits where seen_at < now() - :fresh * interval '1 second'")
        .param("fresh", FRESH.toSeconds() * 4)
        .update();
  }

  List<Report> reports(long sender) {
    return jdbc.sql(
            """
            select * from circuits
             where sender_id = :sender and seen_at > now() - :fresh * interval '1 second'
             order by node
            """)
        .param("sender", sender)
        .param("fresh", FRESH.toSeconds())
        .query(CircuitStore::report)
        .list();
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

  private static Report report(ResultSet row, int ignored) throws SQLException {
    return new Report(
        row.getLong("sender_id"),
        row.getString("node"),
        row.getString("state"),
        instant(row, "since"),
        instant(row, "until"),
        row.getString("code"),
        row.getInt("openings"));
  }

  private static Order order(ResultSet row) throws SQLException {
    String forced = row.getString("forced");
    return new Order(
        forced == null ? null : Forced.parse(forced).orElseThrow(), instant(row, "ordered_at"));
  }

  private static Instant instant(ResultSet row, String column) throws SQLException {
    return row.getObject(column, OffsetDateTime.class).toInstant();
  }
}
