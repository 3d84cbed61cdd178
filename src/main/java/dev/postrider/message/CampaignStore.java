package dev.postrider.message;

import dev.postrider.app.AppId;
import dev.postrider.platform.database.Rows;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** All SQL on campaigns, and on messages as parts of one. */
@Repository
public class CampaignStore {
  private final JdbcClient jdbc;

  public CampaignStore(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  Optional<Instant> pausedAt(CampaignId id) {
    return jdbc.sql(
            """
            select paused_at from campaigns
             where app_id = :app and campaign_id = :campaign and paused_at is not null
            """)
        .param("app", id.app().value())
        .param("campaign", id.name())
        .query(OffsetDateTime.class)
        .optional()
        .map(OffsetDateTime::toInstant);
  }

  /**
   * Which of these are paused; the end of a pause waits until this transaction is over. A pause
   * that begins meanwhile has no row to wait for: what it misses is held at its turn.
   */
  public Set<CampaignId> pausedMeanwhile(Collection<CampaignId> ids) {
    return new HashSet<>(
        jdbc
            .sql(
                """
                select c.app_id, c.campaign_id, c.paused_at
                  from campaigns c
                  join unnest(:apps::bigint[], :campaigns::text[]) as t (app, campaign)
                    on c.app_id = t.app and c.campaign_id = t.campaign
                 order by 1, 2
                   for share of c
                """)
            .param("apps", ids.stream().mapToLong(id -> id.app().value()).toArray())
            .param("campaigns", ids.stream().map(CampaignId::name).toArray(String[]::new))
            .query((row, _) ->
                row.getObject("paused_at") == null
                    ? Optional.<CampaignId>empty()
                    : Optional.of(
                        new CampaignId(
                            new AppId(row.getLong("app_id")), row.getString("campaign_id"))))
            .list()
            .stream()
            .flatMap(Optional::stream)
            .toList());
  }

  int countPaused(AppId app) {
    return jdbc.sql(
            "select count(*) as n from campaigns where app_id = :app and paused_at is not null")
        .param("app", app.value())
        .query((row, _) -> row.getInt("n"))
        .single();
  }

  void pause(CampaignId id) {
    jdbc.sql(
            """
            insert into campaigns (app_id, campaign_id, paused_at) values (:app, :campaign, now())
            on conflict (app_id, campaign_id) do update
               set paused_at = coalesce(campaigns.paused_at, now()), waking = false
            """)
        .param("app", id.app().value())
        .param("campaign", id.name())
        .update();
  }

  /** One that nobody has paused needs no row, and one that is being woken is woken. */
  void resume(CampaignId id) {
    jdbc.sql(
            """
            update campaigns set paused_at = null, waking = true
             where app_id = :app and campaign_id = :campaign and paused_at is not null
            """)
        .param("app", id.app().value())
        .param("campaign", id.name())
        .update();
  }

  /**
   * One that is paused.
   *
   * @param hasMessages a pause needs none
   */
  public record Paused(CampaignId id, boolean hasMessages) {}

  /** Those that are paused, in the order of their names; up to {@code limit} after one. */
  public List<Paused> paused(CampaignId after, int limit) {
    return jdbc.sql(
            """
            select app_id, campaign_id,
                   exists (select 1 from messages m
                            where m.app_id = c.app_id and m.campaign_id = c.campaign_id) as has
              from campaigns c
             where paused_at is not null and (app_id, campaign_id) > (:app, :campaign)
             order by app_id, campaign_id limit :limit
            """)
        .param("app", after.app().value())
        .param("campaign", after.name())
        .param("limit", limit)
        .query((row, _) ->
            new Paused(
                new CampaignId(new AppId(row.getLong("app_id")), row.getString("campaign_id")),
                row.getBoolean("has")))
        .list();
  }

  /** The ids of its messages, whatever became of them, after one. */
  public List<Long> messages(CampaignId id, long after, int limit) {
    return jdbc.sql(
            """
            select message_id from messages
             where app_id = :app and campaign_id = :campaign and message_id > :after
             order by message_id limit :limit
            """)
        .param("app", id.app().value())
        .param("campaign", id.name())
        .param("after", after)
        .param("limit", limit)
        .query((row, _) -> row.getLong("message_id"))
        .list();
  }

  /** Its waking as it stands now; another pause, or another end of one, makes another of it. */
  Optional<String> waking(CampaignId id) {
    return jdbc.sql(
            """
            select xmin::text as written from campaigns
             where app_id = :app and campaign_id = :campaign and waking
            """)
        .param("app", id.app().value())
        .param("campaign", id.name())
        .query((row, _) -> row.getString("written"))
        .optional();
  }

  /** All that its pause held is awake, if this is still the waking that it was. */
  void awake(CampaignId id, String waking) {
    jdbc.sql(
            """
            delete from campaigns
             where app_id = :app and campaign_id = :campaign and paused_at is null
               and xmin::text = :waking
            """)
        .param("app", id.app().value())
        .param("campaign", id.name())
        .param("waking", waking)
        .update();
  }

  List<CampaignId> waking() {
    return jdbc.sql("select app_id, campaign_id from campaigns where waking")
        .query((row, _) ->
            new CampaignId(new AppId(row.getLong("app_id")), row.getString("campaign_id")))
        .list();
  }

  /**
   * Some of a campaign's messages.
   *
   * @param waiting those that wait, each with the time it is due
   * @param last the last that was looked at; 0 when there is none
   */
  record Page(Map<Long, Instant> waiting, long last) {}

  /**
   * The next messages, in the order of their ids. However many it has sent long ago, a page of them
   * is read along, and no more.
   */
  Page waiting(CampaignId id, long after, int limit) {
    Map<Long, Instant> due = new HashMap<>();
    long[] last = {0};
    jdbc.sql(
            """
            select message_id, dispatch in ('scheduled', 'queued') as waits,
                   coalesce(scheduled_for, created_at) as due
              from messages
             where app_id = :app and campaign_id = :campaign and message_id > :after
             order by message_id limit :limit
            """)
        .param("app", id.app().value())
        .param("campaign", id.name())
        .param("after", after)
        .param("limit", limit)
        .query(row -> {
          last[0] = row.getLong("message_id");
          if (row.getBoolean("waits")) {
            due.put(last[0], Rows.instant(row, "due"));
          }
        });
    return new Page(due, last[0]);
  }

  /** How many messages there are, by public status. */
  Map<String, Long> counts(CampaignId id) {
    Map<String, Long> counts = new HashMap<>();
    jdbc.sql(
            """
            select message_status(dispatch, provider_failed_at, delivered_at, read_at) as status,
                   count(*) as n
              from messages where app_id = :app and campaign_id = :campaign
             group by 1
            """)
        .param("app", id.app().value())
        .param("campaign", id.name())
        .query(row -> {
          counts.put(row.getString("status"), row.getLong("n"));
        });
    return counts;
  }
}
