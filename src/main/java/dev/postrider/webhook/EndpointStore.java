package dev.postrider.webhook;

import dev.postrider.app.AppId;
import dev.postrider.event.EventType;
import dev.postrider.platform.Json;
import dev.postrider.platform.database.Rows;
import dev.postrider.platform.secret.Vault;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import tools.jackson.core.JacksonException;

/** All SQL on endpoints. */
@Repository
public class EndpointStore {
  private final JdbcClient jdbc;
  private final Vault vault;

  public EndpointStore(JdbcClient jdbc, Vault vault) {
    this.jdbc = jdbc;
    this.vault = vault;
  }

  /** What an endpoint is stored from. */
  record Draft(
      String url,
      @Nullable String description,
      Set<EventType> types,
      @Nullable Integer perSecond,
      boolean trusted) {}

  /** Returns its id. */
  long insert(AppId app, Draft draft, SigningSecret secret, long cursor) {
    // The secrets are bound to the row, so the row's id comes first.
    long id =
        jdbc.sql("select nextval(pg_get_serial_sequence('endpoints', 'endpoint_id')) as id")
            .query((row, _) -> row.getLong("id"))
            .single();
    jdbc.sql(
            """
            insert into endpoints (endpoint_id, app_id, url, description, event_types, per_second,
                                   trusted, secrets, cursor)
            overriding system value
            values (:id, :app, :url, :description, :types, :per_second, :trusted, :secrets, :cursor)
            """)
        .param("id", id)
        .param("app", app.value())
        .param("url", draft.url())
        .param("description", draft.description())
        .param("types", written(draft.types()))
        .param("per_second", draft.perSecond())
        .param("trusted", draft.trusted())
        .param("secrets", sealed(id, List.of(secret)))
        .param("cursor", cursor)
        .update();
    return id;
  }

  void update(long id, Draft draft) {
    jdbc.sql(
            """
            update endpoints
               set failing_since = case when url = :url then failing_since end,
                   url = :url, description = :description, event_types = :types,
                   per_second = :per_second, trusted = :trusted
             where endpoint_id = :id
            """)
        .param("id", id)
        .param("url", draft.url())
        .param("description", draft.description())
        .param("types", written(draft.types()))
        .param("per_second", draft.perSecond())
        .param("trusted", draft.trusted())
        .update();
  }

  void setSecrets(long id, List<SigningSecret> secrets) {
    jdbc.sql("update endpoints set secrets = :secrets where endpoint_id = :id")
        .param("id", id)
        .param("secrets", sealed(id, secrets))
        .update();
  }

  Optional<Endpoint> find(AppId app, long id) {
    return find(app, id, "");
  }

  /** Like {@link #find}; others who change it wait until this transaction is over. */
  Optional<Endpoint> findToChange(AppId app, long id) {
    return find(app, id, " for update");
  }

  private Optional<Endpoint> find(AppId app, long id, String lock) {
    return jdbc.sql(
            "select * from endpoints where app_id = :app and endpoint_id = :id"
                + " and deleted_at is null"
                + lock)
        .param("app", app.value())
        .param("id", id)
        .query(this::endpoint)
        .optional();
  }

  Map<Long, Endpoint> find(Collection<Long> ids) {
    Map<Long, Endpoint> found = new HashMap<>();
    jdbc.sql(
            """
            select * from endpoints
             where endpoint_id = any (:ids::bigint[]) and deleted_at is null
            """)
        .param("ids", ids.stream().mapToLong(Long::longValue).toArray())
        .query(this::endpoint)
        .list()
        .forEach(endpoint -> found.put(endpoint.id(), endpoint));
    return found;
  }

  /** In the order of their ids, after {@code after}. */
  List<Endpoint> list(AppId app, long after, int limit) {
    return jdbc.sql(
            """
            select * from endpoints
             where app_id = :app and endpoint_id > :after and deleted_at is null
             order by endpoint_id limit :limit
            """)
        .param("app", app.value())
        .param("after", after)
        .param("limit", limit)
        .query(this::endpoint)
        .list();
  }

  int count(AppId app) {
    return jdbc.sql(
            "select count(*) as n from endpoints where app_id = :app and deleted_at is null")
        .param("app", app.value())
        .query((row, _) -> row.getInt("n"))
        .single();
  }

  void delete(long id) {
    jdbc.sql("update endpoints set deleted_at = now() where endpoint_id = :id")
        .param("id", id)
        .update();
  }

  /** The least event that an enabled endpoint of each application has not been given. */
  Map<Long, Long> cursors() {
    Map<Long, Long> cursors = new HashMap<>();
    jdbc.sql(
            """
            select app_id, min(cursor) as cursor from endpoints
             where deleted_at is null and disabled_at is null group by app_id
            """)
        .query(row -> {
          cursors.put(row.getLong("app_id"), row.getLong("cursor"));
        });
    return cursors;
  }

  /**
   * An endpoint that has not been given all events there are.
   *
   * @param typesWritten those it wants, as they are stored
   * @param cursor the number of the next event for it
   */
  record Behind(long id, AppId app, String typesWritten, long cursor) {
    /** Those it wants; all when empty. */
    Set<EventType> types() {
      return EndpointStore.types(typesWritten);
    }
  }

  /**
   * Those that are enabled and behind.
   *
   * @param newest the newest event, by application
   * @param after only those after this one, so that each has its turn
   */
  List<Behind> behind(Map<Long, Long> newest, long after, int limit) {
    return jdbc.sql(
            """
            select e.endpoint_id, e.app_id, e.event_types, e.cursor from endpoints e
              join unnest(:apps::bigint[], :newest::bigint[]) as t (app_id, newest) using (app_id)
             where e.deleted_at is null and e.disabled_at is null and t.newest >= e.cursor
               and e.endpoint_id > :after
             order by e.endpoint_id limit :limit
            """)
        .param("apps", newest.keySet().stream().mapToLong(Long::longValue).toArray())
        .param("after", after)
        .param("newest", newest.values().stream().mapToLong(Long::longValue).toArray())
        .param("limit", limit)
        .query((row, _) ->
            new Behind(
                row.getLong("endpoint_id"),
                new AppId(row.getLong("app_id")),
                row.getString("event_types"),
                row.getLong("cursor")))
        .list();
  }

  /** False when it does not stand there any more, wants other types, or is not enabled. */
  boolean advance(Behind endpoint, long to) {
    return jdbc.sql(
                """
                update endpoints set cursor = :to
                 where endpoint_id = :id and cursor = :from and event_types = :types
                   and deleted_at is null and disabled_at is null
                """)
            .param("id", endpoint.id())
            .param("from", endpoint.cursor())
            .param("types", endpoint.typesWritten())
            .param("to", to)
            .update()
        == 1;
  }

  /**
   * A delivery was not taken; returns for how long none was. Empty when it went to a URL that is
   * the endpoint's no more: that says nothing of the endpoint.
   */
  Optional<Duration> fails(Endpoint endpoint) {
    return jdbc.sql(
            """
            update endpoints set failing_since = coalesce(failing_since, now())
             where endpoint_id = :id and url = :url
            returning (extract(epoch from now() - failing_since) * 1000)::bigint as millis
            """)
        .param("id", endpoint.id())
        .param("url", endpoint.url())
        .query((row, _) -> Duration.ofMillis(row.getLong("millis")))
        .optional();
  }

  /** Whether its latest delivery was not taken; others who change it wait. */
  boolean isFailing(long id) {
    return jdbc.sql(
            """
            select 1 from endpoints
             where endpoint_id = :id and failing_since is not null for update
            """)
        .param("id", id)
        .query((_, _) -> true)
        .optional()
        .isPresent();
  }

  /**
   * A notice has ended that was not taken: with no other to tell, nothing is failing. By who has
   * its row, or of several that end at once none would see that it is the last.
   */
  void ends(long id) {
    jdbc.sql(
            """
            update endpoints set failing_since = null
             where endpoint_id = :id and not exists (select from notices where endpoint_id = :id)
            """)
        .param("id", id)
        .update();
  }

  /** False when it was disabled before. */
  boolean disable(long id, String why) {
    return jdbc.sql(
                """
                update endpoints set disabled_at = now(), disabled_why = :why
                 where endpoint_id = :id and disabled_at is null and deleted_at is null
                """)
            .param("id", id)
            .param("why", why)
            .update()
        == 1;
  }

  void enable(long id) {
    jdbc.sql(
            """
            update endpoints set disabled_at = null, disabled_why = null, failing_since = null
             where endpoint_id = :id
            """)
        .param("id", id)
        .update();
  }

  Set<Long> disabled() {
    return new HashSet<>(
        jdbc.sql(
                """
                select endpoint_id from endpoints
                 where disabled_at is not null and deleted_at is null
                """)
            .query((row, _) -> row.getLong("endpoint_id"))
            .list());
  }

  /** Deliveries in a second, of those that have a limit. */
  Map<Long, Integer> rates() {
    Map<Long, Integer> rates = new HashMap<>();
    jdbc.sql(
            """
            select endpoint_id, per_second from endpoints
             where per_second is not null and deleted_at is null
            """)
        .query(row -> {
          rates.put(row.getLong("endpoint_id"), row.getInt("per_second"));
        });
    return rates;
  }

  private Endpoint endpoint(ResultSet row, int ignored) throws SQLException {
    long id = row.getLong("endpoint_id");
    return new Endpoint(
        id,
        new AppId(row.getLong("app_id")),
        row.getString("url"),
        row.getString("description"),
        types(row.getString("event_types")),
        row.getObject("per_second", Integer.class),
        row.getBoolean("trusted"),
        opened(id, row.getBytes("secrets")),
        row.getLong("cursor"),
        Rows.optional(row, "failing_since"),
        Rows.optional(row, "disabled_at"),
        row.getString("disabled_why"),
        Rows.instant(row, "created_at"));
  }

  private static String written(Set<EventType> types) {
    return Json.write(types.stream().map(EventType::word).toList());
  }

  private static Set<EventType> types(String json) {
    Set<EventType> types = EnumSet.noneOf(EventType.class);
    Arrays.stream(Json.mapper().readValue(json, String[].class))
        .forEach(word -> EventType.parse(word).ifPresent(types::add));
    return types;
  }

  private byte[] sealed(long id, List<SigningSecret> secrets) {
    return vault.seal(Json.bytes(secrets), place(id));
  }

  /**
   * None where they do not open: nothing is signed with them, and that is no reason to hide the
   * endpoint, or to keep others waiting.
   */
  private List<SigningSecret> opened(long id, byte[] sealed) {
    try {
      return List.of(Json.mapper().readValue(vault.open(sealed, place(id)), SigningSecret[].class));
    } catch (Vault.SealBroken | JacksonException _) {
      return List.of();
    }
  }

  private static String place(long id) {
    return "endpoints.secrets/" + id;
  }
}
