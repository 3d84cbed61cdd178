package dev.postrider.template;

import dev.postrider.app.AppId;
import dev.postrider.platform.Json;
import dev.postrider.platform.Slice;
import dev.postrider.platform.database.Rows;
import dev.postrider.platform.database.SizedPage;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** All SQL on templates. */
@Repository
public class TemplateStore {
  private static final String DRAFT =
      """
      (select version from template_versions v
        where v.template_id = t.template_id and v.published_at is null) as draft_version\
      """;

  private final JdbcClient jdbc;

  public TemplateStore(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** Empty when the application has one with this name. */
  Optional<StoredTemplate> insert(AppId app, String name, @Nullable String description) {
    try {
      return Optional.of(
          jdbc.sql(
                  """
                  insert into templates (app_id, template_name, description)
                  values (:app, :name, :description)
                  returning *, null::integer as draft_version
                  """)
              .param("app", app.value())
              .param("name", name)
              .param("description", description)
              .query(TemplateStore::template)
              .single());
    } catch (DuplicateKeyException _) {
      return Optional.empty();
    }
  }

  Optional<StoredTemplate> find(AppId app, String name) {
    return find(app, name, "");
  }

  /** Like {@link #find}; others who change it wait until this transaction is over. */
  Optional<StoredTemplate> findToChange(AppId app, String name) {
    return find(app, name, " for update");
  }

  private Optional<StoredTemplate> find(AppId app, String name, String lock) {
    return jdbc.sql(
            "select t.*, "
                + DRAFT
                + " from templates t where app_id = :app and template_name = :name"
                + " and deleted_at is null"
                + lock)
        .param("app", app.value())
        .param("name", name)
        .query(TemplateStore::template)
        .optional();
  }

  /** In the order of their ids, after {@code after}. */
  List<StoredTemplate> list(AppId app, long after, int limit) {
    return jdbc.sql(
            """
            select t.*, ${draft} from templates t
             where app_id = :app and template_id > :after and deleted_at is null
             order by template_id limit :limit
            """
                .replace("${draft}", DRAFT))
        .param("app", app.value())
        .param("after", after)
        .param("limit", limit)
        .query(TemplateStore::template)
        .list();
  }

  void delete(long id) {
    jdbc.sql("update templates set deleted_at = now() where template_id = :id")
        .param("id", id)
        .update();
  }

  /** Newest first, older than {@code before}. */
  Slice<StoredVersion> versions(long id, long before, int size) {
    String page =
        """
        select *, octet_length(document) as page_bytes from template_versions
         where template_id = :id and version < :before order by version desc limit :limit
        """;
    return SizedPage.read(
        jdbc.sql(SizedPage.sql(page, "version desc"))
            .param("id", id)
            .param("before", before)
            .param("limit", size + 1),
        size,
        TemplateStore::version);
  }

  Optional<StoredVersion> version(long id, int version) {
    return jdbc.sql(
            "select * from template_versions where template_id = :id and version = :version")
        .param("id", id)
        .param("version", version)
        .query(TemplateStore::version)
        .optional();
  }

  /** The version that was the published one when this one was published. */
  Optional<Integer> before(long id, int version) {
    return jdbc.sql(
            """
            select coalesce(
                     (select replaces from template_versions
                       where template_id = :id and version = :version),
                     -- Those that were published before this was noted.
                     (select max(version) from template_versions
                       where template_id = :id and version < :version
                         and published_at is not null)) as version
            """)
        .param("id", id)
        .param("version", version)
        .query((row, _) -> Optional.ofNullable(row.getObject("version", Integer.class)))
        .single();
  }

  /** Replaces the draft, or begins one after the newest version. */
  StoredVersion saveDraft(long id, TemplateDocument document) {
    return jdbc.sql(
            """
            insert into template_versions (template_id, version, document)
            select :id,
                   coalesce((select version from template_versions
                              where template_id = :id and published_at is null),
                            (select coalesce(max(version), 0) + 1 from template_versions
                              where template_id = :id)),
                   :document
            on conflict (template_id, version)
            do update set document = excluded.document, created_at = now()
            returning *
            """)
        .param("id", id)
        .param("document", Json.write(document))
        .query(TemplateStore::version)
        .single();
  }

  /** Makes a version the one messages are rendered from. */
  void publish(long id, int version) {
    jdbc.sql(
            """
            with stamped as (
              update template_versions
                 set published_at = coalesce(published_at, now()),
                     replaces = case when published_at is null
                                     then (select published_version from templates
                                            where template_id = :id)
                                     else replaces end
               where template_id = :id and version = :version
            )
            update templates set published_version = :version where template_id = :id
            """)
        .param("id", id)
        .param("version", version)
        .update();
  }

  private static StoredTemplate template(ResultSet row, int ignored) throws SQLException {
    return new StoredTemplate(
        row.getLong("template_id"),
        row.getString("template_name"),
        row.getString("description"),
        row.getObject("published_version", Integer.class),
        row.getObject("draft_version", Integer.class),
        Rows.instant(row, "created_at"));
  }

  private static StoredVersion version(ResultSet row, int ignored) throws SQLException {
    return new StoredVersion(
        row.getInt("version"),
        row.getString("document"),
        Rows.instant(row, "created_at"),
        Rows.optional(row, "published_at"));
  }
}
