package dev.postrider.schedule;

import dev.postrider.app.AppId;
import dev.postrider.platform.Cron;
import dev.postrider.platform.Slice;
import dev.postrider.platform.database.Rows;
import dev.postrider.platform.database.SizedPage;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** All SQL on schedules. */
@Repository
public class ScheduleStore {
  private final JdbcClient jdbc;

  public ScheduleStore(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** What a schedule is stored from. */
  record Draft(
      String name,
      String cron,
      ZoneId zone,
      String message,
      @Nullable Instant startsAt,
      @Nullable Instant endsAt) {}

  /** Throws a duplicate key where the application has another one with this name. */
  Schedule insert(AppId app, Draft draft) {
    return jdbc.sql(
            """
            insert into schedules (app_id, schedule_name, cron, time_zone, message, starts_at,
                                   ends_at)
            values (:app, :name, :cron, :zone, :message, :starts::timestamptz, :ends::timestamptz)
            returning *
            """)
        .param("app", app.value())
        .param("name", draft.name())
        .param("cron", draft.cron())
        .param("zone", draft.zone().getId())
        .param("message", draft.message())
        .param("starts", text(draft.startsAt()))
        .param("ends", text(draft.endsAt()))
        .query(ScheduleStore::schedule)
        .single();
  }

  Optional<Schedule> find(AppId app, long id) {
    return jdbc.sql(
            """
            select * from schedules
             where app_id = :app and schedule_id = :id and deleted_at is null
            """)
        .param("app", app.value())
        .param("id", id)
        .query(ScheduleStore::schedule)
        .optional();
  }

  /** How large is what is shown of it, in bytes; 0 where there is no such schedule. */
  int shownBytes(AppId app, long id) {
    return jdbc.sql(
            """
            select octet_length(message) as bytes from schedules
             where app_id = :app and schedule_id = :id
            """)
        .param("app", app.value())
        .param("id", id)
        .query((row, _) -> row.getInt("bytes"))
        .optional()
        .orElse(0);
  }

  /** Like {@link #find}; others who change it wait until this transaction is over. */
  Optional<Schedule> findToChange(AppId app, long id) {
    return jdbc.sql(
            """
            select * from schedules
             where app_id = :app and schedule_id = :id and deleted_at is null for update
            """)
        .param("app", app.value())
        .param("id", id)
        .query(ScheduleStore::schedule)
        .optional();
  }

  /** How many an application has. */
  int count(AppId app) {
    return jdbc.sql(
            "select count(*) as n from schedules where app_id = :app and deleted_at is null")
        .param("app", app.value())
        .query((row, _) -> row.getInt("n"))
        .single();
  }

  /** In the order of their ids, after {@code after}. */
  Slice<Schedule> list(AppId app, long after, int size) {
    String page =
        """
        select *, octet_length(message) as page_bytes from schedules
         where app_id = :app and schedule_id > :after and deleted_at is null
         order by schedule_id limit :limit
        """;
    return SizedPage.read(
        jdbc.sql(SizedPage.sql(page, "schedule_id"))
            .param("app", app.value())
            .param("after", after)
            .param("limit", size + 1),
        size,
        ScheduleStore::schedule);
  }

  /**
   * One whose date has come.
   *
   * @param bytes of its message
   */
  record Due(long id, AppId app, int bytes) {}

  /** Those that run, of these; without their messages, of which many would be much to hold. */
  List<Due> running(Collection<Long> ids) {
    return jdbc.sql(
            """
            select schedule_id, app_id, octet_length(message) as bytes from schedules
             where schedule_id = any (:ids::bigint[]) and deleted_at is null
               and paused_at is null and next_at is not null
            """)
        .param("ids", ids.stream().mapToLong(Long::longValue).toArray())
        .query((row, _) ->
            new Due(
                row.getLong("schedule_id"), new AppId(row.getLong("app_id")), row.getInt("bytes")))
        .list();
  }

  /** Why the date that has come is not sent yet. */
  void setError(Schedule schedule, String error) {
    jdbc.sql(
            """
            update schedules set last_error = :error
             where schedule_id = :id and next_at = :date::timestamptz
               and paused_at is null and deleted_at is null
            """)
        .param("id", schedule.id())
        .param("date", text(schedule.nextAt()))
        .param("error", error)
        .update();
  }

  void setNext(long id, @Nullable Instant nextAt) {
    jdbc.sql("update schedules set next_at = :next::timestamptz where schedule_id = :id")
        .param("id", id)
        .param("next", text(nextAt))
        .update();
  }

  void setPaused(long id, boolean paused) {
    jdbc.sql(
            """
            update schedules
               set paused_at = case when :paused then coalesce(paused_at, now()) end
             where schedule_id = :id
            """)
        .param("id", id)
        .param("paused", paused)
        .update();
  }

  boolean delete(AppId app, long id) {
    return jdbc.sql(
                """
                update schedules set deleted_at = now(), next_at = null
                 where app_id = :app and schedule_id = :id and deleted_at is null
                """)
            .param("app", app.value())
            .param("id", id)
            .update()
        == 1;
  }

  /** What became of a date. */
  record Step(
      Instant fired,
      @Nullable Long messageId,
      @Nullable String error,
      long missed,
      @Nullable Instant next) {}

  /** Goes on from one date to the next; false when it is not at this date any more. */
  boolean step(Schedule schedule, Instant date, Step step) {
    return jdbc.sql(
                """
                update schedules
                   set next_at = :next::timestamptz,
                       fired = fired + case when :message::bigint is null then 0 else 1 end,
                       missed = missed + :missed,
                       last_fired_at = case when :message::bigint is null
                                            then last_fired_at else :fired::timestamptz end,
                       last_message_id = coalesce(:message::bigint, last_message_id),
                       last_error = :error
                 where schedule_id = :id and next_at = :date::timestamptz
                   and paused_at is null and deleted_at is null
                """)
            .param("id", schedule.id())
            .param("date", text(date))
            .param("fired", text(step.fired()))
            .param("next", text(step.next()))
            .param("message", step.messageId())
            .param("missed", step.missed())
            .param("error", step.error())
            .update()
        == 1;
  }

  private static @Nullable String text(@Nullable Instant at) {
    return at == null ? null : at.toString();
  }

  private static Schedule schedule(ResultSet row, int ignored) throws SQLException {
    String cron = row.getString("cron");
    return new Schedule(
        row.getLong("schedule_id"),
        new AppId(row.getLong("app_id")),
        row.getString("schedule_name"),
        cron,
        new Recurrence(Cron.stored(cron).orElseThrow(), ZoneId.of(row.getString("time_zone"))),
        row.getString("message"),
        Rows.optional(row, "starts_at"),
        Rows.optional(row, "ends_at"),
        Rows.optional(row, "paused_at"),
        Rows.optional(row, "next_at"),
        row.getLong("fired"),
        row.getLong("missed"),
        Rows.optional(row, "last_fired_at"),
        row.getObject("last_message_id", Long.class),
        row.getString("last_error"),
        Rows.instant(row, "created_at"));
  }
}
