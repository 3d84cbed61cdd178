package dev.postrider.webhook;

import dev.postrider.platform.database.Rows;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** All SQL on notices, and on the log of deliveries and what it says of an endpoint. */
@Repository
public class NoticeStore {
  private final JdbcClient jdbc;

  public NoticeStore(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** From one number to another, both included. */
  record Range(long first, long last) {}

  /** Returns the new ids. */
  List<Long> insert(long endpoint, List<Range> ranges) {
    return jdbc.sql(
            """
            insert into notices (endpoint_id, next_seq, last_seq)
            select :endpoint, first, last
              from unnest(:firsts::bigint[], :lasts::bigint[]) as t (first, last)
            returning notice_id
            """)
        .param("endpoint", endpoint)
        .param("firsts", ranges.stream().mapToLong(Range::first).toArray())
        .param("lasts", ranges.stream().mapToLong(Range::last).toArray())
        .query((row, _) -> row.getLong("notice_id"))
        .list();
  }

  List<Notice> find(Collection<Long> ids) {
    return jdbc.sql("select * from notices where notice_id = any (:ids::bigint[])")
        .param("ids", ids.stream().mapToLong(Long::longValue).toArray())
        .query(NoticeStore::notice)
        .list();
  }

  /** How many wait for each of these, up to {@code most}. */
  Map<Long, Integer> count(Collection<Long> endpoints, int most) {
    Map<Long, Integer> counts = new HashMap<>();
    jdbc.sql(
            """
            select id, (select count(*) from (select from notices
                                               where endpoint_id = id limit :most) waiting) as n
              from unnest(:ids::bigint[]) as t (id)
            """)
        .param("ids", endpoints.stream().mapToLong(Long::longValue).toArray())
        .param("most", most)
        .query(row -> {
          counts.put(row.getLong("id"), row.getInt("n"));
        });
    return counts;
  }

  boolean hasMoreThan(long endpoint, int many) {
    return jdbc.sql(
            """
            select count(*) > :many as more from (
              select 1 from notices where endpoint_id = :endpoint limit :many + 1) waiting
            """)
        .param("endpoint", endpoint)
        .param("many", many)
        .query((row, _) -> row.getBoolean("more"))
        .single();
  }

  void shrink(long id, Range left) {
    jdbc.sql("update notices set next_seq = :next, last_seq = :last where notice_id = :id")
        .param("id", id)
        .param("next", left.first())
        .param("last", left.last())
        .update();
  }

  void delete(long id) {
    jdbc.sql("delete from notices where notice_id = :id").param("id", id).update();
  }

  List<Long> idsOf(long endpoint) {
    return jdbc.sql("select notice_id from notices where endpoint_id = :endpoint")
        .param("endpoint", endpoint)
        .query((row, _) -> row.getLong("notice_id"))
        .list();
  }

  void deleteAll(long endpoint) {
    jdbc.sql("delete from notices where endpoint_id = :endpoint")
        .param("endpoint", endpoint)
        .update();
  }

  /**
   * Logs deliveries; whoever took one is failing no more, whatever was known of it when they were
   * claimed. One statement: there is one for each notice.
   */
  void log(List<Delivery> deliveries) {
    jdbc.sql(
            """
            with works as (
              update endpoints set failing_since = null
               where endpoint_id = any (:working::bigint[]) and failing_since is not null
            )
            insert into deliveries (endpoint_id, seq, event_type, at, status, code, took_ms, excerpt)
            select * from unnest(:endpoints::bigint[], :seqs::bigint[], :types::text[],
                                 :ats::timestamptz[], :statuses::int[], :codes::text[],
                                 :tooks::bigint[], :excerpts::text[])
            """)
        .param(
            "working",
            deliveries.stream()
                .filter(Delivery::isDelivered)
                .mapToLong(Delivery::endpoint)
                .distinct()
                .toArray())
        .param("endpoints", deliveries.stream().mapToLong(Delivery::endpoint).toArray())
        .param("seqs", deliveries.stream().mapToLong(Delivery::seq).toArray())
        .param("types", deliveries.stream().map(Delivery::type).toArray(String[]::new))
        .param("ats", deliveries.stream().map(it -> it.at().toString()).toArray(String[]::new))
        .param("statuses", deliveries.stream().map(Delivery::status).toArray(Integer[]::new))
        .param("codes", deliveries.stream().map(Delivery::code).toArray(String[]::new))
        .param("tooks", deliveries.stream().mapToLong(Delivery::tookMillis).toArray())
        .param("excerpts", deliveries.stream().map(Delivery::excerpt).toArray(String[]::new))
        .update();
  }

  /** A delivery as it was logged. */
  record Logged(long id, Delivery delivery) {}

  /** Newest first, older than {@code before}. */
  List<Logged> deliveries(long endpoint, boolean failedOnly, long before, int limit) {
    // Written out: an index holds those that failed.
    return jdbc.sql(
            """
            select * from deliveries
             where endpoint_id = :endpoint and delivery_id < :before
            """
                + (failedOnly ? " and code <> 'delivered'" : "")
                + " order by delivery_id desc limit :limit")
        .param("endpoint", endpoint)
        .param("before", before)
        .param("limit", limit)
        .query((row, _) ->
            new Logged(
                row.getLong("delivery_id"),
                new Delivery(
                    endpoint,
                    row.getLong("seq"),
                    row.getString("event_type"),
                    Rows.instant(row, "at"),
                    row.getObject("status", Integer.class),
                    row.getString("code"),
                    row.getLong("took_ms"),
                    row.getString("excerpt"))))
        .list();
  }

  /** Deletes what is older; returns how many rows that were. */
  int deleteOlder(Duration age, int limit) {
    return jdbc.sql(
            """
            -- The oldest by their numbers: an index by time would be written for each delivery.
            delete from deliveries
             where delivery_id in (select delivery_id
                                     from (select delivery_id, at from deliveries
                                            order by delivery_id limit :limit) oldest
                                    where at < now() - :age * interval '1 second')
            """)
        .param("age", age.toSeconds())
        .param("limit", limit)
        .update();
  }

  private static Notice notice(ResultSet row, int ignored) throws SQLException {
    return new Notice(
        row.getLong("notice_id"),
        row.getLong("endpoint_id"),
        row.getLong("next_seq"),
        row.getLong("last_seq"));
  }
}
