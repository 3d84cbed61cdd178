package dev.postrider.app;

import dev.postrider.platform.Json;
import dev.postrider.platform.database.Rows;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** All SQL on applications. */
@Repository
public class AppStore {
  private final JdbcClient jdbc;

  public AppStore(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** Empty when the name is taken. */
  Optional<App> insert(String name, @Nullable String defaultRecipient) {
    try {
      return Optional.of(
          jdbc.sql(
                  """
                  insert into applications (app_name, default_recipient)
                  values (:name, :recipient)
                  returning *
                  """)
              .param("name", name)
              .param("recipient", defaultRecipient)
              .query(AppStore::app)
              .single());
    } catch (DuplicateKeyException _) {
      return Optional.empty();
    }
  }

  public Optional<App> find(AppId id) {
    return jdbc.sql("select * from applications where app_id = :id and deleted_at is null")
        .param("id", id.value())
        .query(AppStore::app)
        .optional();
  }

  Optional<App> findDeleted(AppId id) {
    return jdbc.sql("select * from applications where app_id = :id and deleted_at is not null")
        .param("id", id.value())
        .query(AppStore::app)
        .optional();
  }

  /** Which of these were deleted. */
  Set<AppId> deletedAmong(Collection<AppId> ids) {
    return jdbc.sql(
            """
            select app_id from applications
             where app_id = any (:ids::bigint[]) and deleted_at is not null
            """)
        .param("ids", ids.stream().mapToLong(AppId::value).toArray())
        .query((row, _) -> new AppId(row.getLong("app_id")))
        .set();
  }

  List<App> list(long after, int limit) {
    return jdbc.sql(
            """
            select * from applications
             where deleted_at is null and app_id > :after order by app_id limit :limit
            """)
        .param("after", after)
        .param("limit", limit)
        .query(AppStore::app)
        .list();
  }

  boolean any() {
    return jdbc.sql("select exists (select 1 from applications)").query(Boolean.class).single();
  }

  /**
   * Changes what is not null. Empty when there is no such application, or when another one has the
   * name.
   *
   * @param defaultRecipient empty for none
   */
  Optional<App> update(AppId id, @Nullable String name, @Nullable String defaultRecipient) {
    return jdbc.sql(
            """
            update applications
               set app_name = coalesce(:name, app_name),
                   default_recipient = nullif(coalesce(:recipient, default_recipient), '')
             where app_id = :id and deleted_at is null
               and not exists (select 1 from applications
                                where app_name = :name and deleted_at is null and app_id <> :id)
            returning *
            """)
        .param("id", id.value())
        .param("name", name)
        .param("recipient", defaultRecipient)
        .query(AppStore::app)
        .optional();
  }

  boolean setPolicy(AppId id, AppPolicy.Document policy) {
    return jdbc.sql(
                """
                update applications set policy = :policy
                 where app_id = :id and deleted_at is null
                """)
            .param("id", id.value())
            .param("policy", Json.write(policy))
            .update()
        == 1;
  }

  /** Keeps the time of the first pause when it is paused again. */
  boolean setPaused(AppId id, boolean paused) {
    return jdbc.sql(
                """
                update applications
                   set paused_at = case when :paused then coalesce(paused_at, now()) end
                 where app_id = :id and deleted_at is null
                """)
            .param("id", id.value())
            .param("paused", paused)
            .update()
        == 1;
  }

  boolean delete(AppId id) {
    return jdbc.sql(
                """
                update applications set deleted_at = now()
                 where app_id = :id and deleted_at is null
                """)
            .param("id", id.value())
            .update()
        == 1;
  }

  private static App app(ResultSet row, int ignored) throws SQLException {
    return new App(
        new AppId(row.getLong("app_id")),
        row.getString("app_name"),
        row.getString("default_recipient"),
        Json.stored(row.getString("policy"), AppPolicy.Document.class),
        Rows.optional(row, "paused_at"),
        Rows.instant(row, "created_at"));
  }
}
