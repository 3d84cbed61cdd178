package dev.postrider.live;

import dev.postrider.app.AppId;
import dev.postrider.platform.database.Rows;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** All SQL on tickets. */
@Repository
public class TicketStore {
  private final JdbcClient jdbc;

  public TicketStore(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** Returns when it expires; sweeps up some that have. */
  Instant insert(AppId app, @Nullable String kid, byte[] hash, Duration life) {
    return jdbc.sql(
            """
            with swept as (
              delete from live_tickets
               where hash in (select hash from live_tickets where expires_at < now() limit 10
                                 for update skip locked)
            )
            insert into live_tickets (hash, app_id, kid, expires_at)
            values (:hash, :app, :kid, now() + :life * interval '1 millisecond')
            returning expires_at
            """)
        .param("hash", hash)
        .param("app", app.value())
        .param("kid", kid)
        .param("life", life.toMillis())
        .query((row, _) -> Rows.instant(row, "expires_at"))
        .single();
  }

  /** What it was made for; it stays. Empty for one that is not there, or too old. */
  Optional<Tickets.Right> find(byte[] hash) {
    return jdbc.sql(
            "select app_id, kid from live_tickets where hash = :hash and expires_at > now()")
        .param("hash", hash)
        .query(
            (row, _) -> new Tickets.Right(new AppId(row.getLong("app_id")), row.getString("kid")))
        .optional();
  }

  /** False for one that is not there any more, or too old. */
  boolean take(byte[] hash) {
    return jdbc.sql("delete from live_tickets where hash = :hash and expires_at > now()")
            .param("hash", hash)
            .update()
        == 1;
  }
}
