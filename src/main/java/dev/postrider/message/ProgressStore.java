package dev.postrider.message;

import dev.postrider.app.AppId;
import dev.postrider.app.SenderId;
import dev.postrider.channel.Receipt;
import dev.postrider.platform.database.Rows;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/**
 * Moves messages along both axes. Each method writes the log row in the statement that makes the
 * change, and changes nothing where the message is no longer where the caller thought it was.
 *
 * <p>Log rows take the time of the moment, not that of the transaction: one that waited for another
 * to let go of the message began before it, and comes after it.
 */
@Repository
public class ProgressStore {
  private final JdbcClient jdbc;

  public ProgressStore(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** Makes these steps; returns the changes of status that came of them. */
  public List<StatusChange> move(List<Move> moves) {
    int n = moves.size();
    long[] apps = new long[n];
    long[] ids = new long[n];
    String[] from = new String[n];
    String[] to = new String[n];
    String[] events = new String[n];
    int[] attempts = new int[n];
    @Nullable String[] codes = new @Nullable String[n];
    @Nullable String[] details = new @Nullable String[n];
    @Nullable String[] providerIds = new @Nullable String[n];
    for (int i = 0; i < n; i++) {
      Move move = moves.get(i);
      apps[i] = move.app().value();
      ids[i] = move.messageId();
      from[i] = move.from().word();
      to[i] = move.to().word();
      events[i] = move.event();
      attempts[i] = move.attempt();
      codes[i] = move.code();
      details[i] = move.detail();
      providerIds[i] = move.providerMessageId();
    }
    return jdbc
        .sql(
            """
            with moved as (
              update messages m
                 set dispatch = ${next},
                     version = m.version + 1,
                     -- Its claim counted one that was not begun then.
                     attempts = case when t.was = 'sending' and t.attempt = 0 then m.attempts - 1
                                     else greatest(m.attempts, t.attempt) end,
                     provider_message_id = coalesce(t.provider_id, m.provider_message_id),
                     code = case when ${next} = 'handed_off' then null
                                 else coalesce(t.code, m.code) end,
                     detail = case when ${next} = 'handed_off' then null
                                   else coalesce(t.detail, m.detail) end,
                     sent_at = case when t.next = 'handed_off' then now() else m.sent_at end,
                     -- What an earlier attempt's failure said is over when a later one got through.
                     provider_failed_at = case when t.next = 'handed_off' then null
                                               else m.provider_failed_at end,
                     parked_at = case when ${next} = 'uncertain' then now() else m.parked_at end,
                     ended_at = case when ${next} in ('failed', 'expired', 'canceled', 'dead')
                                     then now() end
                from unnest(:apps::bigint[], :ids::bigint[], :from::text[], :to::text[],
                            :events::text[], :attempts::int[], :codes::text[], :details::text[],
                            :provider_ids::text[])
                  as t (app, id, was, next, event, attempt, code, detail, provider_id)
               where m.app_id = t.app and m.message_id = t.id and m.dispatch = t.was
              returning m.app_id, m.message_id, m.sender_id, m.version, t.was, m.dispatch as next, t.event,
                        nullif(t.attempt, 0) as attempt, t.code, t.detail,
                        m.provider_failed_at, m.delivered_at, m.read_at,
                        greatest(m.created_at, m.scheduled_for) as due_at
            ), logged as (
              insert into message_logs (message_id, version, app_id, at, event, dispatch_from,
                                        dispatch_to, status, attempt, code, detail)
              select message_id, version, app_id, clock_timestamp(), event, was, next,
                     message_status(next, provider_failed_at, delivered_at, read_at),
                     attempt, code, detail
                from moved
            )
            select moved.*, now() as at,
                   message_status(was, provider_failed_at, delivered_at, read_at) as status_from,
                   message_status(next, provider_failed_at, delivered_at, read_at) as status_to
              from moved
            """
                // The provider's word that an attempt was sent may have come while the next one was
                // under way: whatever came of that, it is not sent once more.
                .replace(
                    "${next}",
                    """
                    case when t.was = 'sending' and m.sent_at is not null
                              and m.provider_failed_at is null
                         then 'handed_off' else t.next end\
                    """))
        .param("apps", apps)
        .param("ids", ids)
        .param("from", from)
        .param("to", to)
        .param("events", events)
        .param("attempts", attempts)
        .param("codes", codes)
        .param("details", details)
        .param("provider_ids", providerIds)
        .query(ProgressStore::change)
        .list()
        .stream()
        .filter(change -> change.from() != change.to())
        .toList();
  }

  private static StatusChange change(ResultSet row, int ignored) throws SQLException {
    MessageStatus to = MessageStatus.parse(row.getString("status_to")).orElseThrow();
    Instant at = Rows.instant(row, "at");
    boolean sent = to == MessageStatus.SENT;
    return change(
        row,
        to,
        at,
        sent ? null : row.getString("code"),
        sent ? Duration.between(Rows.instant(row, "due_at"), at) : null);
  }

  private static StatusChange change(
      ResultSet row,
      MessageStatus to,
      Instant at,
      @Nullable String code,
      @Nullable Duration latency)
      throws SQLException {
    return new StatusChange(
        new AppId(row.getLong("app_id")),
        new SenderId(row.getLong("sender_id")),
        row.getLong("message_id"),
        MessageStatus.parse(row.getString("status_from")).orElseThrow(),
        to,
        at,
        code,
        latency);
  }

  /** Whether its provider has told that it was sent, and not that this failed. */
  public boolean isSent(AppId app, long message) {
    return jdbc.sql(
            """
            select sent_at is not null and provider_failed_at is null as sent from messages
             where app_id = :app and message_id = :id
            """)
        .param("app", app.value())
        .param("id", message)
        .query((row, _) -> row.getBoolean("sent"))
        .optional()
        .orElse(false);
  }

  /** A claim of a message. */
  public record Claim(AppId app, long messageId, int attempt) {}

  /**
   * Marks claimed messages as being sent and loads them, without large contents. Those that are
   * uncertain are loaded as they are: they are looked up, never sent again.
   */
  public List<Outgoing> claim(Collection<Claim> claims) {
    return jdbc.sql(
            """
            with input as (
              select * from unnest(:apps::bigint[], :ids::bigint[], :attempts::int[])
                as t (app, id, attempt)
            ), before as (
              select m.*, m.delivered_at is not null or m.read_at is not null as arrived
                from messages m join input t on m.app_id = t.app and m.message_id = t.id
               where m.dispatch in ('scheduled', 'queued', 'uncertain')
               order by m.message_id for update of m
            ), moved as (
              -- A receipt may have come for an unclear attempt while the next one was under way:
              -- then it had arrived, and is not sent once more.
              update messages m
                 set dispatch = case when b.arrived then 'handed_off' else 'sending' end,
                     sent_at = case when b.arrived and m.sent_at is null
                                    then least(now(), b.delivered_at, b.read_at)
                                    else m.sent_at end,
                     attempts = case when b.arrived then m.attempts
                                     else greatest(m.attempts, t.attempt) end,
                     version = m.version + 1
                from before b join input t on b.message_id = t.id
               where m.app_id = b.app_id and m.message_id = b.message_id
                 and b.dispatch <> 'uncertain'
              returning m.app_id, m.message_id, m.version, b.dispatch as was, m.dispatch as next,
                        t.attempt, m.provider_failed_at, m.delivered_at, m.read_at
            ), logged as (
              insert into message_logs (message_id, version, app_id, at, event, dispatch_from,
                                        dispatch_to, status, attempt)
              select message_id, version, app_id, clock_timestamp(),
                     case when next = 'sending' then 'claimed' else 'arrived' end, was, next,
                     message_status(next, provider_failed_at, delivered_at, read_at), attempt
                from moved
            )
            ${outgoing}
             where dispatch = 'uncertain' or not arrived
            """
                .replace("${outgoing}", MessageStore.OUTGOING))
        .param("apps", claims.stream().mapToLong(claim -> claim.app().value()).toArray())
        .param("ids", claims.stream().mapToLong(Claim::messageId).toArray())
        .param("attempts", claims.stream().mapToInt(Claim::attempt).toArray())
        .query((row, _) ->
            new Outgoing(
                MessageStore.message(row),
                Rows.instant(row, "created_at"),
                row.getString("dispatch").equals("uncertain")
                    ? Rows.optional(row, "parked_at")
                    : null,
                row.getInt("missing")))
        .list();
  }

  /** What a provider told of a message. */
  public record Told(AppId app, long messageId, Receipt receipt) {}

  /**
   * Notes receipts: each sets the time of its kind where none is set, so that any order and any
   * number of receipts end in the same state. A receipt for a message that is uncertain, or that
   * waits to be sent again after an unclear attempt, settles it.
   */
  public List<StatusChange> receipts(Collection<Told> told) {
    // In the order a message goes through them, and a failure last: after a delivery it is none.
    // Of two of a kind the first counts; of two failures the one of the attempt that counts.
    Map<Receipt.Kind, Map<Named, Told>> byKind =
        new TreeMap<>(
            Comparator.comparing((Receipt.Kind kind) -> kind == Receipt.Kind.FAILED)
                .thenComparing(Comparator.naturalOrder()));
    for (Told one : told) {
      byKind
          .computeIfAbsent(one.receipt().kind(), _ -> new LinkedHashMap<>())
          .putIfAbsent(Named.by(one), one);
    }
    if (byKind.size() > 1) {
      lock(told);
    }
    return byKind.entrySet().stream()
        .flatMap(entry -> receipts(entry.getKey(), List.copyOf(entry.getValue().values())).stream())
        .toList();
  }

  /** What a receipt is told of; the attempt, too, where it matters. */
  private record Named(long message, String attempt) {
    static Named by(Told told) {
      boolean failed = told.receipt().kind() == Receipt.Kind.FAILED;
      return new Named(told.messageId(), failed ? told.receipt().providerMessageId() : "");
    }
  }

  /** In one order everywhere, so that no two wait for each other. */
  private void lock(Collection<Told> told) {
    jdbc.sql(
            """
            select 1 from messages m
              join unnest(:apps::bigint[], :ids::bigint[]) as t (app, id)
                on m.app_id = t.app and m.message_id = t.id
             order by m.message_id for update of m
            """)
        .param("apps", told.stream().mapToLong(it -> it.app().value()).toArray())
        .param("ids", told.stream().mapToLong(Told::messageId).toArray())
        .query((_, _) -> 1)
        .list();
  }

  private List<StatusChange> receipts(Receipt.Kind kind, List<Told> told) {
    String column =
        switch (kind) {
          case SENT -> "sent_at";
          case FAILED -> "provider_failed_at";
          case DELIVERED -> "delivered_at";
          case READ -> "read_at";
        };
    // A provider's clock may be anywhere: nothing happened before it was accepted or after now.
    return jdbc
        .sql(
            """
            with before as (
              select m.app_id, m.message_id, m.dispatch, m.provider_failed_at, m.delivered_at,
                     m.read_at, t.at as told_at, t.detail as told_detail
                from unnest(:apps::bigint[], :ids::bigint[], :ats::timestamptz[], :details::text[],
                            :provider_ids::text[])
                  as t (app, id, at, detail, provider_id)
                join messages m on m.app_id = t.app and m.message_id = t.id
               where m.${column} is null and ${counts}
               order by m.message_id for update of m
            ), moved as (
              update messages m
                 set ${column} = greatest(least(coalesce(b.told_at, now()), now()), m.created_at),
                     dispatch = case when ${arrived} then 'handed_off' else m.dispatch end,
                     ${settled}
                     version = m.version + 1,
                     code = case when :kind = 'failed' then 'provider_failed' else m.code end,
                     detail = case when :kind = 'failed' then b.told_detail else m.detail end
                from before b
               where m.app_id = b.app_id and m.message_id = b.message_id
              returning m.app_id, m.message_id, m.sender_id, m.version, m.dispatch, m.sent_at,
                        b.told_detail, b.dispatch as was,
                        message_status(b.dispatch, b.provider_failed_at, b.delivered_at, b.read_at)
                          as status_from,
                        message_status(m.dispatch, m.provider_failed_at, m.delivered_at, m.read_at)
                          as status_to
            ), logged as (
              insert into message_logs (message_id, version, app_id, at, event, dispatch_from,
                                        dispatch_to, status, detail)
              select message_id, version, app_id, clock_timestamp(), 'receipt.' || :kind, was,
                     dispatch, status_to, told_detail
                from moved
            )
            select moved.*, now() as at from moved
            """
                .replace(
                    "${settled}",
                    kind == Receipt.Kind.SENT
                        ? ""
                        : "sent_at = case when ${arrived} then now() else m.sent_at end,")
                // That an earlier attempt failed is over once a later one got through.
                .replace(
                    "${counts}",
                    kind == Receipt.Kind.FAILED
                        ? "(m.dispatch <> 'handed_off'"
                            + " or t.provider_id = coalesce(m.provider_message_id, t.provider_id))"
                        : "true")
                // A receipt proves that an attempt we were not sure of had arrived. The provider's
                // word that it failed settles what must not be repeated, and nothing else.
                .replace(
                    "${arrived}",
                    kind == Receipt.Kind.FAILED
                        ? "m.dispatch = 'uncertain'"
                        : "m.dispatch in ('uncertain', 'queued', 'scheduled')")
                .replace("${column}", column))
        .param("apps", told.stream().mapToLong(it -> it.app().value()).toArray())
        .param("ids", told.stream().mapToLong(Told::messageId).toArray())
        .param("ats", Rows.texts(told, it -> it.receipt().at()))
        .param("kind", kind.word())
        .param("details", Rows.texts(told, it -> it.receipt().detail()))
        .param("provider_ids", Rows.texts(told, it -> it.receipt().providerMessageId()))
        .query(ProgressStore::told)
        .list()
        .stream()
        .filter(change -> change.from() != change.to())
        .toList();
  }

  private static StatusChange told(ResultSet row, int ignored) throws SQLException {
    Instant now = Rows.instant(row, "at");
    Instant sent = Rows.optional(row, "sent_at");
    MessageStatus to = MessageStatus.parse(row.getString("status_to")).orElseThrow();
    return change(
        row,
        to,
        now,
        to == MessageStatus.FAILED ? "provider_failed" : null,
        to == MessageStatus.DELIVERED && sent != null ? Duration.between(sent, now) : null);
  }

  /**
   * Moves the time of a message that waits, to one before its deadline; the caller has moved its
   * job.
   */
  public boolean reschedule(AppId app, long id, Instant at, @Nullable Instant expiresAt) {
    return jdbc.sql(
                """
                with before as (
                  select app_id, message_id, dispatch from messages
                   where app_id = :app and message_id = :id
                     and dispatch in ('scheduled', 'queued')
                     and :at::timestamptz < coalesce(:expires_at::timestamptz, expires_at)
                     for update
                ), moved as (
                  update messages m
                     set scheduled_for = :at::timestamptz, dispatch = 'scheduled',
                         expires_at = coalesce(:expires_at::timestamptz, m.expires_at),
                         version = m.version + 1
                    from before b
                   where m.app_id = b.app_id and m.message_id = b.message_id
                  returning m.message_id, m.version, m.app_id, b.dispatch as was
                )
                insert into message_logs (message_id, version, app_id, at, event, dispatch_from,
                                          dispatch_to, status)
                select message_id, version, app_id, clock_timestamp(), 'rescheduled', was,
                       'scheduled', 'scheduled'
                  from moved
                """)
            .param("app", app.value())
            .param("id", id)
            .param("at", at.toString())
            .param("expires_at", expiresAt == null ? null : expiresAt.toString())
            .update()
        == 1;
  }
}
