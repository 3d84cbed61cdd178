package dev.postrider.event;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.postrider.app.AppId;
import dev.postrider.platform.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.node.ArrayNode;

/**
 * All SQL on the event log. A commit's events of one application are one row, whatever their
 * number: the log costs a commit, not a message.
 */
@Repository
public class EventStore {
  private static final int REMEMBERED = 20_000;

  private final JdbcClient jdbc;

  /**
   * Rows as they were read, so many events of them: whoever tells of new events reads the same ones
   * a moment later, a part of a row at a time.
   */
  private final Cache<Row, List<Optional<Event>>> rows =
      Caffeine.newBuilder()
          .maximumWeight(REMEMBERED)
          // Or the cache, once it is full, prefers what it has to what is new.
          .expireAfterWrite(Duration.ofSeconds(2))
          .<Row, List<Optional<Event>>>weigher((_, events) -> events.size() + 1)
          .build();

  private record Row(long app, long first, String written) {}

  public EventStore(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** An event that has no number yet. */
  record Draft(
      EventType type,
      Instant at,
      long subject,
      @Nullable Long sender,
      @Nullable String status,
      @Nullable String previous,
      @Nullable String code) {}

  /**
   * Appends within the caller's transaction, near its end: whoever appends to the same log waits
   * until this transaction ends, which is what makes the numbers come in its order.
   */
  void append(SortedMap<Long, List<Draft>> byApp) {
    int n = byApp.size();
    long[] apps = new long[n];
    int[] counts = new int[n];
    String[] events = new String[n];
    int i = 0;
    for (Map.Entry<Long, List<Draft>> entry : byApp.entrySet()) {
      apps[i] = entry.getKey();
      counts[i] = entry.getValue().size();
      events[i++] = written(entry.getValue());
    }
    jdbc.sql(
            """
            with input as (
              select * from unnest(:apps::bigint[], :counts::int[], :events::text[])
                as t (app_id, count, events)
            ), heads as (
              -- In one order everywhere, so that nobody waits for each other.
              insert into event_heads as h (app_id, last_seq)
              select app_id, count from input order by app_id
              on conflict (app_id) do update set last_seq = h.last_seq + excluded.last_seq
              returning app_id, last_seq
            )
            insert into event_batches (app_id, last_seq, first_seq, at, events)
            select h.app_id, h.last_seq, h.last_seq - i.count + 1, clock_timestamp(), i.events
              from heads h join input i using (app_id)
            """)
        .param("apps", apps)
        .param("counts", counts)
        .param("events", events)
        .update();
  }

  /**
   * The events of an application after a number, oldest first; as far as this version knows their
   * types: beyond, a newer node goes on.
   */
  public List<Event> after(AppId app, long seq, int limit) {
    if (seq > Long.MAX_VALUE - limit) {
      return List.of();
    }
    List<Event> events = new ArrayList<>();
    long from = seq;
    while (events.size() < limit) {
      List<Optional<Event>> more = batches(app, from, limit - events.size());
      if (more.isEmpty()) {
        return events;
      }
      for (Optional<Event> next : more) {
        if (next.isEmpty() || events.size() == limit) {
          return events;
        }
        from = next.get().seq();
        if (from > seq) {
          events.add(next.get());
        }
      }
    }
    return events;
  }

  private List<Optional<Event>> batches(AppId app, long after, int most) {
    return jdbc
        .sql(
            """
            -- Up to the row that holds the last one that is asked for: by the key's own column, or
            -- the rest of the log would be read for it.
            select first_seq, events from event_batches
             where app_id = :app and last_seq > :after
               and last_seq <= coalesce((select last_seq from event_batches
                                          where app_id = :app and last_seq >= :after + :most
                                          order by last_seq limit 1), 9223372036854775807)
             order by last_seq limit 50
            """)
        .param("app", app.value())
        .param("after", after)
        .param("most", most)
        .query((row, _) -> read(app, row))
        .list()
        .stream()
        .flatMap(List::stream)
        .toList();
  }

  /**
   * Where a log begins and ends.
   *
   * @param oldest the first number that is kept; one more than the newest when none is
   * @param newest the last number that was given out; 0 when none was
   */
  public record Extent(long oldest, long newest) {}

  public Extent extent(AppId app) {
    return jdbc.sql(
            """
            select coalesce((select last_seq from event_heads where app_id = :app), 0) as newest,
                   (select first_seq from event_batches where app_id = :app
                     order by last_seq limit 1) as oldest
            """)
        .param("app", app.value())
        .query((row, _) -> {
          long newest = row.getLong("newest");
          Long oldest = row.getObject("oldest", Long.class);
          return new Extent(oldest == null ? newest + 1 : oldest, newest);
        })
        .single();
  }

  /** The newest numbers of applications that have events after the given ones. */
  public Map<Long, Long> newest(Map<Long, Long> seen) {
    Map<Long, Long> newest = new TreeMap<>();
    jdbc.sql(
            """
            select h.app_id, h.last_seq
              from unnest(:apps::bigint[], :seen::bigint[]) as t (app_id, seen)
              join event_heads h on h.app_id = t.app_id and h.last_seq > t.seen
            """)
        .param("apps", seen.keySet().stream().mapToLong(Long::longValue).toArray())
        .param("seen", seen.values().stream().mapToLong(Long::longValue).toArray())
        .query(row -> {
          newest.put(row.getLong("app_id"), row.getLong("last_seq"));
        });
    return newest;
  }

  /** The number of the first event at or after a time; empty when there is none. */
  public Optional<Long> firstSince(AppId app, Instant time) {
    return jdbc.sql(
            """
            select first_seq from event_batches
             where app_id = :app and at >= :time::timestamptz order by at limit 1
            """)
        .param("app", app.value())
        .param("time", time.toString())
        .query((row, _) -> row.getLong("first_seq"))
        .optional();
  }

  /** Deletes what is older; returns how many rows that were. */
  int forget(Duration age, int most) {
    return jdbc.sql(
            """
            delete from event_batches
             where ctid = any (array(
               select old.ctid
                 from event_heads h cross join lateral (
                   select b.ctid from event_batches b
                    where b.app_id = h.app_id and b.at < now() - :age * interval '1 second'
                    order by b.at limit :most) old
                limit :most))
            """)
        .param("age", age.toSeconds())
        .param("most", most)
        .update();
  }

  /** As arrays: names would be most of the row. */
  private static String written(List<Draft> drafts) {
    ArrayNode rows = Json.mapper().createArrayNode();
    for (Draft draft : drafts) {
      ArrayNode row = rows.addArray();
      row.add(draft.type().word())
          .add(draft.at().toString())
          .add(draft.subject())
          .add(draft.sender())
          .add(draft.status())
          .add(draft.previous())
          .add(draft.code());
    }
    return rows.toString();
  }

  /** Empty for one of a type that is not known here. */
  private List<Optional<Event>> read(AppId app, ResultSet row) throws SQLException {
    return rows.get(
        new Row(app.value(), row.getLong("first_seq"), row.getString("events")),
        known -> read(app, known.first(), known.written()));
  }

  private static List<Optional<Event>> read(AppId app, long first, String written) {
    List<Optional<Event>> events = new ArrayList<>();
    try (JsonParser json = Json.mapper().createParser(written)) {
      json.nextToken();
      for (long seq = first; json.nextToken() == JsonToken.START_ARRAY; seq++) {
        events.add(read(app, seq, json));
      }
    }
    return List.copyOf(events);
  }

  private static Optional<Event> read(AppId app, long seq, JsonParser json) {
    Optional<EventType> type = EventType.parse(json.nextStringValue());
    if (type.isEmpty()) {
      skipRest(json);
      return Optional.empty();
    }
    Instant at = Instant.parse(json.nextStringValue());
    long subject = json.nextLongValue(0);
    Long sender = json.nextToken() == JsonToken.VALUE_NULL ? null : (Long) json.getLongValue();
    String status = json.nextStringValue();
    String previous = json.nextStringValue();
    String code = json.nextStringValue();
    skipRest(json);
    return Optional.of(
        new Event(app, seq, type.get(), at, subject, sender, status, previous, code));
  }

  /** A newer version knows what it is. */
  private static void skipRest(JsonParser json) {
    while (json.nextToken() != JsonToken.END_ARRAY) {
      json.skipChildren();
    }
  }
}
