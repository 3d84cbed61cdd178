package dev.postrider.stats;

import dev.postrider.app.AppId;
import dev.postrider.platform.database.Rows;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** All SQL on hourly_counts and count_deltas. */
@Repository
public class StatsStore {
  private final JdbcClient jdbc;

  public StatsStore(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** What is counted apart. */
  record Key(long app, Instant hour, long sender, String status, int bucket) {}

  /** Adds counts in the caller's transaction, without waiting for anyone. */
  void add(Map<Key, Long> counts) {
    List<Map.Entry<Key, Long>> rows = List.copyOf(counts.entrySet());
    jdbc.sql(
            """
            insert into count_deltas (app_id, hour, sender_id, status, bucket, count)
            select * from unnest(:apps::bigint[], :hours::timestamptz[], :senders::bigint[],
                                 :statuses::text[], :buckets::int[], :counts::bigint[])
            """)
        .param("apps", rows.stream().mapToLong(row -> row.getKey().app()).toArray())
        .param(
            "hours",
            rows.stream().map(row -> row.getKey().hour().toString()).toArray(String[]::new))
        .param("senders", rows.stream().mapToLong(row -> row.getKey().sender()).toArray())
        .param("statuses", rows.stream().map(row -> row.getKey().status()).toArray(String[]::new))
        .param("buckets", rows.stream().mapToInt(row -> row.getKey().bucket()).toArray())
        .param("counts", rows.stream().mapToLong(Map.Entry::getValue).toArray())
        .update();
  }

  /** Folds deltas into their hours; returns how many. Nodes take different ones. */
  int fold(int limit) {
    return jdbc.sql(
            """
            with taken as (
              delete from count_deltas
               where ctid in (select ctid from count_deltas limit :limit for update skip locked)
              returning *
            ), folded as (
              insert into hourly_counts (app_id, hour, sender_id, status, bucket, count)
              select app_id, hour, sender_id, status, bucket, sum(count) from taken
               group by app_id, hour, sender_id, status, bucket
               order by app_id, hour, sender_id, status, bucket
              on conflict (app_id, hour, sender_id, status, bucket)
              do update set count = hourly_counts.count + excluded.count
            )
            select count(*) from taken
            """)
        .param("limit", limit)
        .query(Integer.class)
        .single();
  }

  /**
   * A count of one class: in one period, of one provider, or of one sender; the others are null.
   */
  record Count(
      @Nullable Instant period,
      @Nullable String provider,
      @Nullable Long sender,
      String status,
      int bucket,
      long count) {}

  /**
   * Counts by period, by provider and by sender, folded or not. Not by two of them: a thousand
   * senders in a month of hours would be millions.
   *
   * @param unit {@code hour} or {@code day}
   * @param named which senders are counted by themselves, too
   */
  List<Count> read(AppId app, String unit, Instant from, Instant to, Collection<Long> named) {
    return jdbc.sql(
            """
            select date_trunc(:unit, hour, 'UTC') as period, s.provider, named.sender_id as sender,
                   status, bucket, sum(count)::bigint as count
              from (select hour, sender_id, status, bucket, count from hourly_counts
                     where app_id = :app and hour >= :from::timestamptz and hour < :to::timestamptz
                    union all
                    select hour, sender_id, status, bucket, count from count_deltas
                     where app_id = :app and hour >= :from::timestamptz and hour < :to::timestamptz)
                   as counts
              join sender_providers s on s.app_id = :app and s.sender_id = counts.sender_id
              left join unnest(:named::bigint[]) as named (sender_id)
                     on named.sender_id = counts.sender_id
             group by grouping sets ((1, status, bucket), (2, status, bucket), (3, status, bucket))
            """)
        .param("named", named.stream().mapToLong(Long::longValue).toArray())
        .param("unit", unit)
        .param("app", app.value())
        .param("from", from.toString())
        .param("to", to.toString())
        .query((row, _) ->
            new Count(
                Rows.optional(row, "period"),
                row.getString("provider"),
                row.getObject("sender", Long.class),
                row.getString("status"),
                row.getInt("bucket"),
                row.getLong("count")))
        .list();
  }
}
