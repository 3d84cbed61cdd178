package dev.postrider.message;

import dev.postrider.app.AppId;
import dev.postrider.app.SenderId;
import dev.postrider.channel.ApprovedTemplate;
import dev.postrider.channel.Content;
import dev.postrider.platform.Correlation;
import dev.postrider.platform.Json;
import dev.postrider.platform.Slice;
import dev.postrider.platform.database.Rows;
import dev.postrider.platform.database.SizedPage;
import dev.postrider.queue.Priority;
import dev.postrider.template.TemplateRef;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** Reads messages and their audit trail. */
@Repository
public class MessageStore {
  /** All of a message. */
  static final String WHOLE = "*, octet_length(media_data) as media_bytes";

  private static final String WITHOUT_CONTENT =
      """
      app_id, message_id, sender_id, recipient, message_type, subject, media_url, media_type,
      octet_length(media_data) as media_bytes, media_name, metadata,
      priority, hold, max_attempts, expires_at, scheduled_for, message_class, recipient_zone,
      campaign_id, correlation_id, traceparent, retry_of, template, created_at, dispatch, version,
      attempts, provider_message_id, code, detail, sent_at, provider_failed_at, delivered_at,
      read_at, parked_at, ended_at\
      """;

  /** All but the bytes of its media, which may be a thousand times as many as the rest. */
  static final String WITHOUT_DATA =
      WITHOUT_CONTENT + ", message_content, html, null::bytea as media_data";

  /** How large a content is, in bytes. */
  private static final String CONTENT_BYTES =
      """
      coalesce(octet_length(message_content), 0) + coalesce(octet_length(html), 0)
        + coalesce(octet_length(media_data), 0)\
      """;

  /** What a page of them takes, without the bytes of their media. */
  static final String PAGE_BYTES =
      """
      coalesce(octet_length(message_content), 0) + coalesce(octet_length(html), 0)
        + coalesce(octet_length(metadata), 0) as page_bytes\
      """;

  /** What a page of them takes, with all that they are. */
  static final String WHOLE_PAGE_BYTES =
      CONTENT_BYTES + " + coalesce(octet_length(metadata), 0) as page_bytes";

  /**
   * {@link Outgoing}s, of the rows of a common table expression {@code before}. What WhatsApp has
   * approved is not left out: its texts are bounded together, and it is parsed where it is loaded.
   */
  static final String OUTGOING =
      """
      select ${without_content}, missing,
             case when missing = 0 then message_content end as message_content,
             case when missing = 0 then html end as html,
             case when missing = 0 then media_data end as media_data
        from before
       cross join lateral (select ${content_bytes} as size) content
       cross join lateral (
         select case when size > ${kept} and message_type <> 'whatsapp_template'
                     then size else 0 end as missing) large
      """
          .replace("${without_content}", WITHOUT_CONTENT)
          .replace("${content_bytes}", CONTENT_BYTES)
          .replace("${kept}", Integer.toString(Outgoing.KEPT));

  private static final Set<MessageStatus> ENDED =
      EnumSet.of(MessageStatus.FAILED, MessageStatus.EXPIRED, MessageStatus.CANCELED);

  private final JdbcClient jdbc;

  public MessageStore(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** Without the bytes of its media. */
  public Optional<StoredMessage> find(AppId app, long id) {
    return find(WITHOUT_DATA, app, id);
  }

  /**
   * With all that it says, which may be a few megabytes: for those that have {@link ContentRoom}.
   */
  public Optional<StoredMessage> findWhole(AppId app, long id) {
    return find(WHOLE, app, id);
  }

  private Optional<StoredMessage> find(String columns, AppId app, long id) {
    return jdbc.sql("select " + columns + " from messages where app_id = :app and message_id = :id")
        .param("app", app.value())
        .param("id", id)
        .query(MessageStore::stored)
        .optional();
  }

  /** How large its content is, in bytes; 0 where there is no such message. */
  int contentBytes(AppId app, long id) {
    return bytes(CONTENT_BYTES + " as page_bytes", app, id);
  }

  /** How large is what is shown of it, in bytes; 0 where there is no such message. */
  int shownBytes(AppId app, long id) {
    return bytes(PAGE_BYTES, app, id);
  }

  private int bytes(String which, AppId app, long id) {
    return jdbc.sql("select " + which + " from messages where app_id = :app and message_id = :id")
        .param("app", app.value())
        .param("id", id)
        .query((row, _) -> row.getInt("page_bytes"))
        .optional()
        .orElse(0);
  }

  public Map<Long, MessageFacts> facts(AppId app, Collection<Long> ids) {
    Map<Long, MessageFacts> facts = new HashMap<>();
    jdbc.sql(
            """
            select message_id, recipient, metadata, campaign_id, correlation_id, traceparent,
                   retry_of, template
              from messages where app_id = :app and message_id = any (:ids::bigint[])
            """)
        .param("app", app.value())
        .param("ids", ids.stream().mapToLong(Long::longValue).toArray())
        .query(row -> {
          facts.put(
              row.getLong("message_id"),
              new MessageFacts(
                  row.getLong("message_id"),
                  row.getString("recipient"),
                  row.getString("metadata"),
                  row.getString("campaign_id"),
                  row.getString("correlation_id"),
                  row.getString("traceparent"),
                  row.getObject("retry_of", Long.class),
                  TemplateRef.ofLine(row.getString("template"))));
        });
    return facts;
  }

  /**
   * A message that waits, and whose deadline comes before something.
   *
   * @param passed whether it has come already
   */
  public record Ending(AppId app, long id, Dispatch dispatch, Instant expiresAt, boolean passed) {}

  /** Which of these wait beyond their deadline. */
  public List<Ending> overdue(List<AppId> apps, List<Long> ids) {
    return ending(apps, ids, new @Nullable String[ids.size()]);
  }

  /** Which of these wait, and have a deadline before a time, each before its own. */
  public List<Ending> endingBefore(List<AppId> apps, List<Long> ids, List<Instant> times) {
    return ending(apps, ids, times.stream().map(Instant::toString).toArray(String[]::new));
  }

  /**
   * @param times null for now
   */
  private List<Ending> ending(List<AppId> apps, List<Long> ids, @Nullable String[] times) {
    return jdbc.sql(
            """
            select m.app_id, m.message_id, m.dispatch, m.expires_at,
                   m.expires_at <= now() as passed
              from unnest(:apps::bigint[], :ids::bigint[], :times::timestamptz[])
                     as t (app_id, message_id, time)
              join messages m using (app_id, message_id)
             where m.expires_at <= coalesce(t.time, now()) and m.dispatch in ('queued', 'scheduled')
               -- A late receipt tells that it had arrived: that is its end, at its next claim.
               and m.delivered_at is null and m.read_at is null
             order by m.message_id
            """)
        .param("apps", apps.stream().mapToLong(AppId::value).toArray())
        .param("ids", ids.stream().mapToLong(Long::longValue).toArray())
        .param("times", times)
        .query((row, _) ->
            new Ending(
                new AppId(row.getLong("app_id")),
                row.getLong("message_id"),
                Dispatch.parse(row.getString("dispatch")),
                Rows.instant(row, "expires_at"),
                row.getBoolean("passed")))
        .list();
  }

  /** When this sender's newest message to this recipient was handed off. */
  public Optional<Instant> lastSent(Message message) {
    return jdbc.sql(
            """
            select max(sent_at) as sent_at
              from (select sent_at from messages
                     where app_id = :app and recipient = :recipient and sender_id = :sender
                       and sent_at is not null
                     order by message_id desc limit 50) newest
            """)
        .param("app", message.app().value())
        .param("recipient", message.recipient())
        .param("sender", message.sender().value())
        .query((row, _) -> Optional.ofNullable(Rows.optional(row, "sent_at")))
        .single();
  }

  /** What a list is filtered by; null where any will do. */
  public record Filter(
      @Nullable MessageStatus status,
      @Nullable String recipient,
      @Nullable SenderId sender,
      @Nullable String correlationId,
      @Nullable String campaignId,
      @Nullable Instant createdFrom,
      @Nullable Instant createdTo) {}

  /** Newest first, older than {@code before}; without the bytes of their media. */
  Slice<StoredMessage> list(AppId app, Filter filter, long before, int size) {
    StringBuilder where = new StringBuilder("app_id = :app and message_id < :before");
    if (filter.status() != null) {
      where.append(
          " and message_status(dispatch, provider_failed_at, delivered_at, read_at) = :status");
      if (ENDED.contains(filter.status())) {
        // Found by messages_ended, or all that got through would be read for the few that did not.
        where.append(" and (ended_at is not null or provider_failed_at is not null)");
      }
    }
    if (filter.recipient() != null) {
      where.append(" and recipient = :recipient");
    }
    if (filter.sender() != null) {
      where.append(" and sender_id = :sender");
    }
    if (filter.correlationId() != null) {
      where.append(" and correlation_id = :correlation");
    }
    if (filter.campaignId() != null) {
      where.append(" and campaign_id = :campaign");
    }
    if (filter.createdFrom() != null) {
      where.append(" and created_at >= :from::timestamptz");
    }
    if (filter.createdTo() != null) {
      where.append(" and created_at < :to::timestamptz");
    }
    var sender = filter.sender();
    var status = filter.status();
    String page =
        "select "
            + WITHOUT_DATA
            + ", "
            + PAGE_BYTES
            + " from messages where "
            + where
            + " order by message_id desc limit :limit";
    return SizedPage.read(
        jdbc.sql(SizedPage.sql(page, "message_id desc"))
            .param("app", app.value())
            .param("before", before)
            .param("status", status == null ? "" : status.word())
            .param("recipient", filter.recipient())
            .param("sender", sender == null ? 0 : sender.value())
            .param("correlation", filter.correlationId())
            .param("campaign", filter.campaignId())
            .param("from", String.valueOf(filter.createdFrom()))
            .param("to", String.valueOf(filter.createdTo()))
            .param("limit", size + 1),
        size,
        MessageStore::stored);
  }

  /** Oldest first, those after a version. */
  List<LogEntry> logs(AppId app, long id, long after, int limit) {
    return jdbc.sql(
            """
            select * from message_logs
             where app_id = :app and message_id = :id and version > :after
             order by version limit :limit
            """)
        .param("app", app.value())
        .param("id", id)
        .param("after", after)
        .param("limit", limit)
        .query(MessageStore::entry)
        .list();
  }

  /** The last steps, the newest first. */
  public List<LogEntry> lastSteps(AppId app, long id, int limit) {
    return jdbc.sql(
            """
            select * from message_logs
             where app_id = :app and message_id = :id
             order by version desc limit :limit
            """)
        .param("app", app.value())
        .param("id", id)
        .param("limit", limit)
        .query(MessageStore::entry)
        .list();
  }

  private static LogEntry entry(ResultSet row, int ignored) throws SQLException {
    return new LogEntry(
        row.getInt("version"),
        Rows.instant(row, "at"),
        row.getString("event"),
        row.getString("dispatch_from"),
        row.getString("dispatch_to"),
        row.getString("status"),
        row.getObject("attempt", Integer.class),
        row.getString("code"),
        row.getString("detail"));
  }

  /** The newest message that was made by sending this one again. */
  public Optional<Long> sentAgainAs(AppId app, long id) {
    return jdbc.sql(
            """
            select message_id from messages where app_id = :app and retry_of = :id
             order by message_id desc limit 1
            """)
        .param("app", app.value())
        .param("id", id)
        .query(Long.class)
        .optional();
  }

  static Message message(ResultSet row) throws SQLException {
    String mediaType = row.getString("media_type");
    Content.Media media =
        mediaType == null
            ? null
            : new Content.Media(
                row.getString("media_url"),
                row.getBytes("media_data"),
                row.getObject("media_bytes", Integer.class),
                mediaType,
                row.getString("media_name"));
    Content.Type type = Content.Type.parse(row.getString("message_type")).orElseThrow();
    String text = row.getString("message_content");
    boolean isApproved = type == Content.Type.WHATSAPP_TEMPLATE;
    String zone = row.getString("recipient_zone");
    long retryOf = row.getLong("retry_of");
    Long parent = row.wasNull() ? null : retryOf;
    return new Message(
        row.getLong("message_id"),
        new AppId(row.getLong("app_id")),
        new SenderId(row.getLong("sender_id")),
        row.getString("recipient"),
        new Content(
            type,
            isApproved ? null : text,
            row.getString("subject"),
            row.getString("html"),
            media,
            isApproved ? Json.mapper().readValue(text, ApprovedTemplate.class) : null),
        row.getString("metadata"),
        Priority.stored(row.getInt("priority")),
        row.getBoolean("hold"),
        row.getInt("max_attempts"),
        Rows.instant(row, "expires_at"),
        Rows.optional(row, "scheduled_for"),
        Rows.optional(row, "scheduled_for"),
        MessageClass.parse(row.getString("message_class")).orElseThrow(),
        zone == null ? null : ZoneId.of(zone),
        row.getString("campaign_id"),
        new Correlation(row.getString("correlation_id"), row.getString("traceparent")),
        parent,
        TemplateRef.ofLine(row.getString("template")));
  }

  static StoredMessage stored(ResultSet row, int ignored) throws SQLException {
    Dispatch dispatch = Dispatch.parse(row.getString("dispatch"));
    Instant providerFailed = Rows.optional(row, "provider_failed_at");
    Instant delivered = Rows.optional(row, "delivered_at");
    Instant read = Rows.optional(row, "read_at");
    return new StoredMessage(
        message(row),
        Rows.instant(row, "created_at"),
        dispatch,
        MessageStatus.of(dispatch, providerFailed != null, delivered != null, read != null),
        row.getInt("version"),
        row.getInt("attempts"),
        row.getString("provider_message_id"),
        row.getString("code"),
        row.getString("detail"),
        Rows.optional(row, "sent_at"),
        providerFailed,
        delivered,
        read,
        Rows.optional(row, "ended_at"));
  }
}
