package dev.postrider.message;

import dev.postrider.app.AppId;
import dev.postrider.platform.Json;
import dev.postrider.platform.Slice;
import dev.postrider.platform.database.Rows;
import dev.postrider.platform.database.SizedPage;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.core.simple.JdbcClient.StatementSpec;
import org.springframework.stereotype.Repository;

/** All SQL on dead letters, which are messages that ended unsent or unreceived, and on redrives. */
@Repository
public class DeadLetterStore {
  private static final String DEAD =
      """
      app_id = :app
        and (ended_at is not null or provider_failed_at is not null) -- as messages_ended has it
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

  /**
   * Who holds what may have arrived does not want it twice: many at once are not sent again unless
   * just those are asked for.
   */
  private static final String TO_REDRIVE =
      DEAD + " and (code is distinct from 'uncertain' or code = :code)";

  private final JdbcClient jdbc;

  public DeadLetterStore(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  private StatementSpec filtered(String sql, AppId app, DeadFilter filter) {
    return jdbc.sql(sql)
        .param("app", app.value())
        .param("code", filter.code())
        .param("sender", filter.senderId())
        .param("campaign", filter.campaignId())
        .param("from", filter.createdFrom() == null ? null : filter.createdFrom().toString())
        .param("to", filter.createdTo() == null ? null : filter.createdTo().toString());
  }

  /** Newest first, older than {@code before}; without the bytes of their media. */
  Slice<StoredMessage> list(AppId app, DeadFilter filter, long before, int size) {
    return page(
        MessageStore.WITHOUT_DATA + ", " + MessageStore.PAGE_BYTES,
        DEAD + " and message_id < :place",
        "message_id desc",
        app,
        filter,
        before,
        size);
  }

  /**
   * What a redrive has yet to send again, in the order of their ids, with all that they are. Of
   * those that were dead when it was ordered: ids of another node may lie between theirs, of
   * messages that waited then, or that were made since, by the redrive itself.
   */
  Slice<StoredMessage> next(Redrive redrive, int size) {
    String ordered = "'" + redrive.createdAt() + "'";
    return page(
        MessageStore.WHOLE + ", " + MessageStore.WHOLE_PAGE_BYTES,
        TO_REDRIVE
            + " and message_id > :place and message_id <= "
            + redrive.upto()
            + (" and created_at <= " + ordered)
            + (" and (ended_at is null or ended_at <= " + ordered + ")"),
        "message_id",
        redrive.app(),
        redrive.filter().checked(),
        redrive.progress(),
        size);
  }

  private Slice<StoredMessage> page(
      String columns,
      String where,
      String order,
      AppId app,
      DeadFilter filter,
      long place,
      int size) {
    String page =
        "select %s from messages m where %s order by %s limit :limit"
            .formatted(columns, where, order);
    return SizedPage.read(
        filtered(SizedPage.sql(page, order), app, filter)
            .param("place", place)
            .param("limit", size + 1),
        size,
        MessageStore::stored);
  }

  /** How many a redrive would send again, and the newest of them. */
  record Extent(long total, long newest) {}

  Extent extent(AppId app, DeadFilter filter) {
    return filtered(
            "select count(*) as total, coalesce(max(message_id), 0) as newest from messages m where "
                + TO_REDRIVE,
            app,
            filter)
        .query((row, _) -> new Extent(row.getLong("total"), row.getLong("newest")))
        .single();
  }

  /**
   * Those of these that are dead still and were not sent again; nobody else sends them until the
   * transaction ends.
   */
  Set<Long> stillDead(AppId app, Collection<Long> ids) {
    long[] all = ids.stream().mapToLong(Long::longValue).toArray();
    // Two statements: the second sees what whoever had the rows before us has committed.
    jdbc.sql(
            """
            select 1 from messages
             where app_id = :app and message_id = any (:ids::bigint[])
             order by message_id for update
            """)
        .param("app", app.value())
        .param("ids", all)
        .query((_, _) -> 1)
        .list();
    return filtered(
            "select message_id from messages m where message_id = any (:ids::bigint[]) and " + DEAD,
            app,
            DeadFilter.ALL)
        .param("ids", all)
        .query((row, _) -> row.getLong("message_id"))
        .set();
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
