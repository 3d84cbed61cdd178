package dev.postrider.app;

import dev.postrider.channel.SenderAccount;
import dev.postrider.platform.Json;
import dev.postrider.platform.Secret;
import dev.postrider.platform.Slice;
import dev.postrider.platform.database.Rows;
import dev.postrider.platform.database.SizedPage;
import dev.postrider.platform.secret.Vault;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import tools.jackson.core.type.TypeReference;

/** All SQL on senders. Credentials are sealed here and opened here. */
@Repository
public class SenderStore {
  private static final TypeReference<TreeMap<String, String>> TEXTS = new TypeReference<>() {};

  private final JdbcClient jdbc;
  private final Vault vault;

  public SenderStore(JdbcClient jdbc, Vault vault) {
    this.jdbc = jdbc;
    this.vault = vault;
  }

  /** What a sender is stored from. */
  record Draft(
      String provider,
      @Nullable String address,
      @Nullable String name,
      Map<String, String> settings,
      Map<String, Secret> credentials,
      boolean isDefault,
      boolean trusted) {
    Draft asDefault() {
      return new Draft(provider, address, name, settings, credentials, true, trusted);
    }
  }

  /** One at a time changes an application's senders: there is one default. */
  void lock(AppId app) {
    jdbc.sql("select 1 from applications where app_id = :app for no key update")
        .param("app", app.value())
        .query((_, _) -> 1)
        .list();
  }

  /** Empty when the application has a sender with this provider and address. */
  Optional<SenderId> insert(AppId app, Draft draft) {
    // The credentials are bound to the row, so the row's id comes first.
    long id =
        jdbc.sql("select nextval(pg_get_serial_sequence('senders', 'sender_id'))")
            .query(Long.class)
            .single();
    if (draft.isDefault()) {
      clearDefault(app);
    }
    try {
      jdbc.sql(
              """
              insert into senders (sender_id, app_id, provider, address, name, settings,
                                   credentials, is_default, trusted)
              overriding system value
              values (:id, :app, :provider, :address, :name, :settings,
                      :credentials, :is_default, :trusted)
              """)
          .param("id", id)
          .param("app", app.value())
          .param("provider", draft.provider())
          .param("address", draft.address())
          .param("name", draft.name())
          .param("settings", Json.write(draft.settings()))
          .param("credentials", sealed(id, draft.credentials()))
          .param("is_default", draft.isDefault())
          .param("trusted", draft.trusted())
          .update();
      return Optional.of(new SenderId(id));
    } catch (DuplicateKeyException _) {
      return Optional.empty();
    }
  }

  /** Empty when there is no such sender, or another one has the address. */
  boolean update(AppId app, SenderId id, Draft draft) {
    if (draft.isDefault()) {
      clearDefault(app);
    }
    return jdbc.sql(
                """
                update senders
                   set address = :address, name = :name, settings = :settings,
                       credentials = :credentials, is_default = :is_default, trusted = :trusted,
                       updated_at = now()
                 where app_id = :app and sender_id = :id and deleted_at is null
                   and not exists (
                     select 1 from senders
                      where app_id = :app and provider = :provider and address = :address
                        and deleted_at is null and sender_id <> :id)
                """)
            .param("id", id.value())
            .param("app", app.value())
            .param("provider", draft.provider())
            .param("address", draft.address())
            .param("name", draft.name())
            .param("settings", Json.write(draft.settings()))
            .param("credentials", sealed(id.value(), draft.credentials()))
            .param("is_default", draft.isDefault())
            .param("trusted", draft.trusted())
            .update()
        == 1;
  }

  private void clearDefault(AppId app) {
    jdbc.sql("update senders set is_default = false where app_id = :app and is_default")
        .param("app", app.value())
        .update();
  }

  boolean setPolicy(AppId app, SenderId id, SenderPolicy.Document policy) {
    return jdbc.sql(
                """
                update senders set policy = :policy, updated_at = now()
                 where app_id = :app and sender_id = :id and deleted_at is null
                """)
            .param("app", app.value())
            .param("id", id.value())
            .param("policy", Json.write(policy))
            .update()
        == 1;
  }

  /** Keeps the time of the first pause when it is paused again. */
  boolean setPaused(AppId app, SenderId id, boolean paused) {
    return jdbc.sql(
                """
                update senders set paused_at = case when :paused then coalesce(paused_at, now()) end
                 where app_id = :app and sender_id = :id and deleted_at is null
                """)
            .param("app", app.value())
            .param("id", id.value())
            .param("paused", paused)
            .update()
        == 1;
  }

  /** A sender whose policy speaks of its pace. */
  record WithPacing(SenderId id, SenderPolicy.Document policy, Instant createdAt) {}

  /** All of them. */
  List<WithPacing> withPacing() {
    return jdbc.sql(
            """
            select sender_id, policy, created_at from senders
             where policy <> '{}' and deleted_at is null and policy like '%"pacing":{%'
            """)
        .query((row, _) ->
            new WithPacing(
                new SenderId(row.getLong("sender_id")),
                Json.stored(row.getString("policy"), SenderPolicy.Document.class),
                Rows.instant(row, "created_at")))
        .list();
  }

  /**
   * All senders that are paused, themselves or with their application. One that is deleted holds
   * nothing any more: what waits for it fails. Nor does its deleted application: nobody could
   * resume it.
   */
  Map<SenderId, Pause> paused() {
    return jdbc
        .sql(
            """
            select s.sender_id, a.paused_at as of_app, s.paused_at as of_sender
              from senders s join applications a using (app_id)
             where s.paused_at is not null and s.deleted_at is null and a.deleted_at is null
            union
            select s.sender_id, a.paused_at, s.paused_at
              from applications a join senders s using (app_id)
             where a.paused_at is not null and s.deleted_at is null and a.deleted_at is null
            """)
        .query((row, _) ->
            Map.entry(
                new SenderId(row.getLong("sender_id")),
                new Pause(Rows.optional(row, "of_app"), Rows.optional(row, "of_sender"))))
        .list()
        .stream()
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  boolean delete(AppId app, SenderId id) {
    return jdbc.sql(
                """
                update senders
                   set deleted_at = now(), is_default = false, credentials = null,
                       -- Or every node would read them again and again, for as long as they stay.
                       policy = '{}', paused_at = null
                 where app_id = :app and sender_id = :id and deleted_at is null
                """)
            .param("app", app.value())
            .param("id", id.value())
            .update()
        == 1;
  }

  /** By which provider each of these sends, deleted or not. */
  Map<SenderId, String> providers(Collection<SenderId> ids) {
    return jdbc
        .sql("select sender_id, provider from senders where sender_id = any (:ids::bigint[])")
        .param("ids", ids.stream().mapToLong(SenderId::value).toArray())
        .query((row, _) ->
            Map.entry(new SenderId(row.getLong("sender_id")), row.getString("provider")))
        .list()
        .stream()
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  /** Those that are there before those that were deleted, the newest of each first. */
  Map<Long, String> newest(AppId app, int most) {
    return jdbc
        .sql(
            """
            select sender_id, provider from senders where app_id = :app
             order by deleted_at is not null, sender_id desc limit :most
            """)
        .param("app", app.value())
        .param("most", most)
        .query((row, _) -> Map.entry(row.getLong("sender_id"), row.getString("provider")))
        .list()
        .stream()
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  /** Whose senders are; their credentials are not opened for it. Without those that are deleted. */
  Map<SenderId, AppId> owners(Collection<SenderId> ids) {
    return jdbc
        .sql(
            """
            select sender_id, app_id from senders
             where sender_id = any (:ids::bigint[]) and deleted_at is null
            """)
        .param("ids", ids.stream().mapToLong(SenderId::value).toArray())
        .query((row, _) ->
            Map.entry(new SenderId(row.getLong("sender_id")), new AppId(row.getLong("app_id"))))
        .list()
        .stream()
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  /** How many an application has. */
  int count(AppId app) {
    return jdbc.sql("select count(*) as n from senders where app_id = :app and deleted_at is null")
        .param("app", app.value())
        .query((row, _) -> row.getInt("n"))
        .single();
  }

  /** In the order of their ids, after {@code after}. */
  Slice<Sender> list(AppId app, long after, int size) {
    String page =
        """
        select *, octet_length(settings) + coalesce(octet_length(credentials), 0) as page_bytes
          from senders
         where app_id = :app and sender_id > :after and deleted_at is null
         order by sender_id limit :limit
        """;
    return SizedPage.read(
        jdbc.sql(SizedPage.sql(page, "sender_id"))
            .param("app", app.value())
            .param("after", after)
            .param("limit", size + 1),
        size,
        this::sender);
  }

  Optional<Sender> find(AppId app, SenderId id) {
    return jdbc.sql(
            """
            select * from senders
             where app_id = :app and sender_id = :id and deleted_at is null
            """)
        .param("app", app.value())
        .param("id", id.value())
        .query(this::sender)
        .optional();
  }

  /** The same, locked until the transaction ends. */
  Optional<Sender> findToChange(AppId app, SenderId id) {
    return jdbc.sql(
            """
            select * from senders
             where app_id = :app and sender_id = :id and deleted_at is null for update
            """)
        .param("app", app.value())
        .param("id", id.value())
        .query(this::sender)
        .optional();
  }

  Optional<SenderId> findDefault(AppId app) {
    return jdbc.sql(
            """
            select sender_id from senders
             where app_id = :app and is_default and deleted_at is null
            """)
        .param("app", app.value())
        .query(Long.class)
        .optional()
        .map(SenderId::new);
  }

  /** A sender with its credentials opened; a deleted one has none left. */
  Optional<SenderAccount> account(SenderId id) {
    return jdbc.sql("select * from senders where sender_id = :id")
        .param("id", id.value())
        .query((row, _) ->
            new SenderAccount(
                row.getLong("sender_id"),
                row.getLong("app_id"),
                row.getString("provider"),
                row.getString("address"),
                row.getString("name"),
                settings(row),
                opened(row),
                row.getBoolean("trusted")))
        .optional();
  }

  private Sender sender(ResultSet row, int ignored) throws SQLException {
    return new Sender(
        new SenderId(row.getLong("sender_id")),
        new AppId(row.getLong("app_id")),
        row.getString("provider"),
        row.getString("address"),
        row.getString("name"),
        settings(row),
        credentialNames(row),
        row.getBoolean("is_default"),
        row.getBoolean("trusted"),
        Json.stored(row.getString("policy"), SenderPolicy.Document.class),
        Rows.optional(row, "paused_at"),
        Rows.instant(row, "created_at"));
  }

  private static Map<String, String> settings(ResultSet row) throws SQLException {
    return Json.mapper().readValue(row.getString("settings"), TEXTS);
  }

  private byte @Nullable [] sealed(long id, Map<String, Secret> credentials) {
    if (credentials.isEmpty()) {
      return null;
    }
    Map<String, String> plain = new TreeMap<>();
    credentials.forEach((name, secret) -> plain.put(name, secret.value()));
    return vault.seal(Json.bytes(plain), place(id));
  }

  /** None where they do not open: it is shown all the same, so that they can be put in again. */
  private List<String> credentialNames(ResultSet row) throws SQLException {
    try {
      return List.copyOf(opened(row).keySet());
    } catch (Vault.SealBroken _) {
      return List.of();
    }
  }

  private Map<String, Secret> opened(ResultSet row) throws SQLException {
    byte[] sealed = row.getBytes("credentials");
    if (sealed == null) {
      return Map.of();
    }
    byte[] plain = vault.open(sealed, place(row.getLong("sender_id")));
    Map<String, Secret> credentials = new TreeMap<>();
    Json.mapper().readValue(plain, TEXTS).forEach((k, v) -> credentials.put(k, new Secret(v)));
    return credentials;
  }

  private static String place(long senderId) {
    return "senders.credentials/" + senderId;
  }
}
