package dev.postrider.live;

import dev.postrider.app.AppId;
import dev.postrider.platform.database.Rows;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
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
  Instant insert(AppId app, byte[] hash, Duration life) {
    return jdbc.sql(
            """
            with swept as (
              delete from live_tickets
               where hash in (select hash from live_tickets where expires_at < now() limit 10
                                 for update skip locked)
            )
            insert into live_tickets (hash, app_id, expires_at)
            values (:hash, :app, now() + :life * interval '1 millisecond')
            returning expires_at
            """)
        .param("hash", hash)
        .param("app", app.value())
        .param("life", life.toMillis())
        .query((row, _) -> Rows.instant(row, "expires_at"))
        .single();
  }

  Optional<AppId> take(byte[] hash) {
    return jdbc.sql(
            "delete from live_tickets where hash = :hash returning app_id, expires_at > now() as fresh")
        .param("hash", hash)
        .query((row, _) ->
            row.getBoolean("fresh")
                ? Optional.of(new AppId(row.getLong("app_id")))
                : Optional.<AppId>empty())
        .optional()
        .flatMap(it -> it);
  }
}
