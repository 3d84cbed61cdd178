package dev.postrider.message;

import dev.postrider.channel.Content;
import dev.postrider.platform.Json;
import dev.postrider.platform.database.Rows;
import dev.postrider.queue.Priority;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** Writes accepted messages, many to a statement, each with its first log row. */
@Repository
public class AcceptStore {
  private final JdbcClient jdbc;

  public AcceptStore(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** A redrive that is about to send the same ones again waits, and finds that they were. */
  void claimRetries(List<Message> messages) {
    List<Message> again = messages.stream().filter(it -> it.retryOf() != null).toList();
    if (!again.isEmpty()) {
      jdbc.sql(
              """
              select 1 from messages m
                join unnest(:apps::bigint[], :ids::bigint[]) as t (app, id)
                  on m.app_id = t.app and m.message_id = t.id
               order by m.message_id for key share of m
              """)
          .param("apps", again.stream().mapToLong(it -> it.app().value()).toArray())
          .param("ids", Rows.texts(again, Message::retryOf))
          .query((_, _) -> 1)
          .list();
    }
  }

  /** A message and where it starts: scheduled, queued, or already claimed by this node. */
  record Row(Message message, Dispatch start) {}

  /** Returns the database's clock at the commit that is being made. */
  Instant insert(List<Row> rows) {
    int n = rows.size();
    Columns c = new Columns(n);
    for (int i = 0; i < n; i++) {
      c.put(i, rows.get(i));
    }
    return jdbc.sql(
            """
            with accepted as (
              insert into messages (
                app_id, message_id, sender_id, recipient, message_type, message_content, subject,
                html, media_url, media_data, media_type, media_name, metadata, priority, hold,
                max_attempts, expires_at, scheduled_for, message_class, recipient_zone, campaign_id,
                correlation_id, traceparent, retry_of, template, dispatch, version, attempts)
              select app, id, sender, recipient, type, content, subject,
                     html, media_url, media_data, media_type, media_name, metadata, priority, hold,
                     max_attempts, expires_at, scheduled_for, class, zone, campaign,
                     correlation, trace, retry_of, template, dispatch, 1, case when dispatch = 'sending' then 1 else 0 end
                from unnest(
                  :apps::bigint[], :ids::bigint[], :senders::bigint[], :recipients::text[],
                  :types::text[], :contents::text[], :subjects::text[], :htmls::text[],
                  :media_urls::text[], :media_datas::bytea[], :media_types::text[],
                  :media_names::text[], :metadatas::text[], :priorities::int[], :holds::boolean[],
                  :max_attempts::int[], :expires_ats::timestamptz[], :scheduled_fors::timestamptz[],
                  :classes::text[], :zones::text[], :campaigns::text[],
                  :correlations::text[], :traces::text[], :retry_ofs::bigint[],
                  :templates::text[],
                  :dispatches::text[])
                  as t (app, id, sender, recipient, type, content, subject, html, media_url,
                        media_data, media_type, media_name, metadata, priority, hold, max_attempts,
                        expires_at, scheduled_for, class, zone, campaign, correlation, trace, retry_of,
                        template, dispatch)
              returning app_id, message_id, dispatch
            ), logged as (
              insert into message_logs (message_id, version, app_id, at, event, dispatch_to, status,
                                        attempt)
              select message_id, 1, app_id, now(), 'accepted', dispatch,
                     case when dispatch = 'scheduled' then 'scheduled' else 'pending' end,
                     case when dispatch = 'sending' then 1 end
                from accepted
            )
            select now()
            """)
        .param("apps", c.apps)
        .param("ids", c.ids)
        .param("senders", c.senders)
        .param("recipients", c.recipients)
        .param("types", c.types)
        .param("contents", c.contents)
        .param("subjects", c.subjects)
        .param("htmls", c.htmls)
        .param("media_urls", c.mediaUrls)
        .param("media_datas", c.mediaDatas)
        .param("media_types", c.mediaTypes)
        .param("media_names", c.mediaNames)
        .param("metadatas", c.metadatas)
        .param("priorities", c.priorities)
        .param("holds", c.holds)
        .param("max_attempts", c.maxAttempts)
        .param("expires_ats", c.expiresAts)
        .param("scheduled_fors", c.scheduledFors)
        .param("classes", c.classes)
        .param("zones", c.zones)
        .param("campaigns", c.campaigns)
        .param("correlations", c.correlations)
        .param("traces", c.traces)
        .param("retry_ofs", c.retryOfs)
        .param("templates", c.templates)
        .param("dispatches", c.dispatches)
        .query(OffsetDateTime.class)
        .single()
        .toInstant();
  }

  /** The rows turned into columns, as unnest takes them. */
  private static final class Columns {
    final long[] apps;
    final long[] ids;
    final long[] senders;
    final String[] recipients;
    final String[] types;
    final @Nullable String[] contents;
    final @Nullable String[] subjects;
    final @Nullable String[] htmls;
    final @Nullable String[] mediaUrls;
    final byte[] @Nullable [] mediaDatas;
    final @Nullable String[] mediaTypes;
    final @Nullable String[] mediaNames;
    final @Nullable String[] metadatas;
    final int[] priorities;
    final boolean[] holds;
    final int[] maxAttempts;
    final String[] expiresAts;
    final @Nullable String[] scheduledFors;
    final String[] classes;
    final @Nullable String[] zones;
    final @Nullable String[] campaigns;
    final String[] correlations;
    final @Nullable String[] traces;
    final @Nullable Long[] retryOfs;
    final @Nullable String[] templates;
    final String[] dispatches;

    Columns(int n) {
      apps = new long[n];
      ids = new long[n];
      senders = new long[n];
      recipients = new String[n];
      types = new String[n];
      contents = new String[n];
      subjects = new String[n];
      htmls = new String[n];
      mediaUrls = new String[n];
      mediaDatas = new byte[n][];
      mediaTypes = new String[n];
      mediaNames = new String[n];
      metadatas = new String[n];
      priorities = new int[n];
      holds = new boolean[n];
      maxAttempts = new int[n];
      expiresAts = new String[n];
      scheduledFors = new String[n];
      classes = new String[n];
      zones = new String[n];
      campaigns = new String[n];
      correlations = new String[n];
      traces = new String[n];
      retryOfs = new Long[n];
      templates = new String[n];
      dispatches = new String[n];
    }

    void put(int i, Row row) {
      Message message = row.message();
      Content content = message.content();
      Content.Media media = content.media();
      Instant scheduled = message.scheduledFor();
      Priority priority = message.priority();
      apps[i] = message.app().value();
      ids[i] = message.id();
      senders[i] = message.sender().value();
      recipients[i] = message.recipient();
      types[i] = content.type().word();
      contents[i] = content.approved() == null ? content.text() : Json.write(content.approved());
      subjects[i] = content.subject();
      htmls[i] = content.html();
      if (media != null) {
        mediaUrls[i] = media.url();
        mediaDatas[i] = media.data();
        mediaTypes[i] = media.mimetype();
        mediaNames[i] = media.filename();
      }
      metadatas[i] = message.metadata();
      priorities[i] = priority.stored();
      holds[i] = message.hold();
      maxAttempts[i] = message.maxAttempts();
      expiresAts[i] = message.expiresAt().toString();
      scheduledFors[i] = scheduled == null ? null : scheduled.toString();
      classes[i] = message.kind().word();
      zones[i] = message.recipientZone() == null ? null : message.recipientZone().getId();
      campaigns[i] = message.campaignId();
      correlations[i] = message.correlation().id();
      traces[i] = message.correlation().traceparent();
      retryOfs[i] = message.retryOf();
      templates[i] = message.template() == null ? null : message.template().line();
      dispatches[i] = row.start().word();
    }
  }
}
