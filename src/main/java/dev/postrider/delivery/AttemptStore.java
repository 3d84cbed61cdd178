package dev.postrider.delivery;

import dev.postrider.app.AppId;
import dev.postrider.channel.ReceiptArrived;
import dev.postrider.platform.database.Rows;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/**
 * All SQL on attempts. An attempt under way is its job's row: claimed, counted and committed before
 * the call. Here it is written down when it ends, by its node or by the rescue.
 */
@Repository
public class AttemptStore {
  private final JdbcClient jdbc;

  public AttemptStore(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  void insert(List<Attempt> attempts, UUID node) {
    jdbc.sql(
            """
            insert into attempts (message_id, attempt, app_id, sender_id, started_at, finished_at,
                                  outcome, code, detail, retry_at, provider_message_id, node)
            select message_id, attempt, app_id, sender_id, started_at, finished_at,
                   outcome, code, detail, retry_at, provider_message_id, :node::uuid
              from unnest(:ids::bigint[], :numbers::int[], :apps::bigint[], :senders::bigint[],
                          :started::timestamptz[], :finished::timestamptz[], :outcomes::text[],
                          :codes::text[], :details::text[], :retry_at::timestamptz[],
                          :provider_ids::text[])
                as t (message_id, attempt, app_id, sender_id, started_at, finished_at,
                      outcome, code, detail, retry_at, provider_message_id)
            """)
        .param("node", node)
        .param("ids", attempts.stream().mapToLong(Attempt::messageId).toArray())
        .param("numbers", attempts.stream().mapToInt(Attempt::number).toArray())
        .param("apps", attempts.stream().mapToLong(Attempt::appId).toArray())
        .param("senders", attempts.stream().mapToLong(Attempt::senderId).toArray())
        .param("started", Rows.texts(attempts, Attempt::startedAt))
        .param("finished", Rows.texts(attempts, Attempt::finishedAt))
        .param("outcomes", Rows.texts(attempts, attempt -> attempt.outcome().word()))
        .param("codes", Rows.texts(attempts, Attempt::code))
        .param("details", Rows.texts(attempts, Attempt::detail))
        .param("retry_at", Rows.texts(attempts, Attempt::retryAt))
        .param("provider_ids", Rows.texts(attempts, Attempt::providerMessageId))
        .update();
  }

  /**
   * The node came back after all, too late: the outcome that the rescue wrote is corrected, and the
   * id that the provider named is kept. False when there is nothing to correct.
   */
  boolean leaseLost(Attempt late) {
    return jdbc.sql(
                """
                update attempts
                   set outcome = 'lease_lost', code = 'lease_lost',
                       detail = 'its node came back after others had taken it over',
                       provider_message_id = coalesce(:provider_id::text, provider_message_id)
                 where message_id = :id and attempt = :number and outcome = 'crash'
                """)
            .param("id", late.messageId())
            .param("number", late.number())
            .param("provider_id", late.providerMessageId())
            .update()
        == 1;
  }

  /** A message's attempts after this one, in their order. */
  List<Attempt> list(AppId app, long messageId, long after, int limit) {
    return jdbc.sql(
            """
            select * from attempts
             where app_id = :app and message_id = :id and attempt > :after
             order by attempt limit :limit
            """)
        .param("app", app.value())
        .param("id", messageId)
        .param("after", after)
        .param("limit", limit)
        .query(AttemptStore::attempt)
        .list();
  }

  Optional<Attempt> last(AppId app, long messageId) {
    return jdbc.sql(
            """
            select * from attempts where app_id = :app and message_id = :id
             order by attempt desc limit 1
            """)
        .param("app", app.value())
        .param("id", messageId)
        .query(AttemptStore::attempt)
        .optional();
  }

  /** Those that arrived, or may have: accepted, or with an end that nobody saw. */
  List<Attempt> arrivals(AppId app, long messageId, int limit) {
    return jdbc.sql(
            """
            select * from attempts
             where app_id = :app and message_id = :id
               and outcome in ('accepted', 'unclear', 'crash', 'lease_lost')
             order by attempt limit :limit
            """)
        .param("app", app.value())
        .param("id", messageId)
        .param("limit", limit)
        .query(AttemptStore::attempt)
        .list();
  }

  /** A message of ours. */
  record Owner(AppId app, long messageId) {}

  /**
   * The messages that the providers' ids belong to, each among those sent by its sender; null where
   * nobody knows the id.
   */
  List<@Nullable Owner> owners(List<ReceiptArrived> receipts) {
    return jdbc.sql(
            """
            select a.app_id, a.message_id
              from unnest(:senders::bigint[], :ids::text[]) with ordinality as t (sender, id, place)
              left join lateral (select app_id, message_id from attempts
                                  where sender_id = t.sender and provider_message_id = t.id
                                  limit 1) a on true
             order by t.place
            """)
        .param("senders", receipts.stream().mapToLong(ReceiptArrived::senderId).toArray())
        .param("ids", Rows.texts(receipts, it -> it.receipt().providerMessageId()))
        .<@Nullable Owner>query((row, _) -> owner(row))
        .list();
  }

  private static @Nullable Owner owner(ResultSet row) throws SQLException {
    long app = row.getLong("app_id");
    return row.wasNull() ? null : new Owner(new AppId(app), row.getLong("message_id"));
  }

  private static Attempt attempt(ResultSet row, int ignored) throws SQLException {
    return new Attempt(
        row.getLong("message_id"),
        row.getInt("attempt"),
        row.getLong("app_id"),
        row.getLong("sender_id"),
        Rows.instant(row, "started_at"),
        Rows.instant(row, "finished_at"),
        Attempt.Outcome.parse(row.getString("outcome")),
        row.getString("code"),
        row.getString("detail"),
        Rows.optional(row, "retry_at"),
        row.getString("provider_message_id"));
  }
}
