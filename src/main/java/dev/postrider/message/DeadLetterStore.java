package dev.postrider.message;

import dev.postrider.app.AppId;
import dev.postrider.platform.Json;
import dev.postrider.platform.database.Rows;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.core.simple.JdbcClient.StatementSpec;
import org.springframework.stereotype.Repository;

/** All SQL on dead letters, which are messages that ended unsent or unreceived, and on redrives. */
@Repository
public class DeadLetterStore {
  private static final String DEAD =
      """
      app_id = :app
        and message_status(dispatch, provider_failed_at, delivered_at, read_at)
            in ('failed', 'expired')
        and not exists (select 1 from messages again
                         where again.app_id = m.app_id and again.retry_of = m.message_id)
        and (:code::text is null or code = :code)
        and (:sender::bigint is null or sender_id = :sender)
        and (:campaign::text is null or campaign_id = :campaign)
        and (:from::timestamptz is null or created_at >= :from::timestamptz)
        and (:to::timestamptz is null or created_at < :to::timestamptz)
      """;

  private final JdbcClient jdbc;

  public DeadLetterStore(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  private StatementSpec dead(String before, String after, AppId app, DeadFilter filter) {
    return jdbc.sql(before + DEAD + after)
        .param("app", app.value())
        .param("code", filter.code())
        .param("sender", filter.senderId())
        .param("campaign", filter.campaignId())
        .param("from", filter.createdFrom() == null ? null : filter.createdFrom().toString())
        .param("to", filter.createdTo() == null ? null : filter.createdTo().toString());
  }

  /** Newest first, older than {@code before}. */
  List<StoredMessage> list(AppId app, DeadFilter filter, long before, int limit) {
    return dead(
            "select * from messages m where message_id < :before and ",
            " order by message_id desc limit :limit",
            app,
            filter)
        .param("before", before)
        .param("limit", limit)
        .query(MessageStore::stored)
        .list();
  }

  /** Oldest first, after {@code after} and up to {@code upto}. */
  List<StoredMessage> next(AppId app, DeadFilter filter, long after, long upto, int limit) {
    return dead(
            "select * from messages m where message_id > :after and message_id <= :upto and ",
            " order by message_id limit :limit",
            app,
            filter)
        .param("after", after)
        .param("upto", upto)
        .param("limit", limit)
        .query(MessageStore::stored)
        .list();
  }

  /** How many there are, and the newest of them. */
  record Extent(long total, long newest) {}

  Extent extent(AppId app, DeadFilter filter) {
    return dead(
            "select count(*) as total, coalesce(max(message_id), 0) as newest from messages m where ",
            "",
            app,
            filter)
        .query((row, _) -> new Extent(row.getLong("total"), row.getLong("newest")))
        .single();
  }

  Redrive insert(AppId app, DeadFilter.Document filter, Extent extent, String correlationId) {
    return jdbc.sql(
            """
            insert into redrives (app_id, filter, upto, total, correlation_id)
            values (:app, :filter, :upto, :total, :correlation)
            returning *
            """)
        .param("app", app.value())
        .param("filter", Json.write(filter))
        .param("upto", extent.newest())
        .param("total", extent.total())
        .param("correlation", correlationId)
        .query(DeadLetterStore::redrive)
        .single();
  }

  Optional<Redrive> find(AppId app, long id) {
    return jdbc.sql("select * from redrives where app_id = :app and redrive_id = :id")
        .param("app", app.value())
        .param("id", id)
        .query(DeadLetterStore::redrive)
        .optional();
  }

  /** Newest first, older than {@code before}. */
  List<Redrive> redrives(AppId app, long before, int limit) {
    return jdbc.sql(
            """
            select * from redrives where app_id = :app and redrive_id < :before
             order by redrive_id desc limit :limit
            """)
        .param("app", app.value())
        .param("before", before)
        .param("limit", limit)
        .query(DeadLetterStore::redrive)
        .list();
  }

  /** Those that run, of these. */
  List<Redrive> running(Collection<Long> ids) {
    return jdbc.sql(
            """
            select * from redrives
             where redrive_id = any (:ids::bigint[]) and state = 'running'
            """)
        .param("ids", ids.stream().mapToLong(Long::longValue).toArray())
        .query(DeadLetterStore::redrive)
        .list();
  }

  /** Goes on; false when it is not at this place any more, or does not run. */
  boolean step(Redrive redrive, long progress, long redriven, long skipped, boolean done) {
    return jdbc.sql(
                """
                update redrives
                   set progress = :progress, redriven = redriven + :redriven,
                       skipped = skipped + :skipped,
                       state = case when :done then 'done' else state end,
                       ended_at = case when :done then now() end
                 where redrive_id = :id and progress = :before and state = 'running'
                """)
            .param("id", redrive.id())
            .param("before", redrive.progress())
            .param("progress", progress)
            .param("redriven", redriven)
            .param("skipped", skipped)
            .param("done", done)
            .update()
        == 1;
  }

  void cancel(AppId app, long id) {
    jdbc.sql(
            """
            update redrives set state = 'canceled', ended_at = now()
             where app_id = :app and redrive_id = :id and state = 'running'
            """)
        .param("app", app.value())
        .param("id", id)
        .update();
  }

  private static Redrive redrive(ResultSet row, int ignored) throws SQLException {
    return new Redrive(
        row.getLong("redrive_id"),
        new AppId(row.getLong("app_id")),
        Json.mapper().readValue(row.getString("filter"), DeadFilter.Document.class),
        row.getString("state"),
        row.getLong("upto"),
        row.getLong("progress"),
        row.getLong("total"),
        row.getLong("redriven"),
        row.getLong("skipped"),
        row.getString("correlation_id"),
        Rows.instant(row, "created_at"),
        Rows.optional(row, "ended_at"));
  }
}
