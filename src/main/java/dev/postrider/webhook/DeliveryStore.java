package dev.postrider.webhook;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.postrider.platform.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/**
 * All SQL on the log of deliveries, and on what it says of an endpoint. A run's deliveries are one
 * row, whatever their number.
 */
@Repository
public class DeliveryStore {
  /** No run has so many. */
  private static final int NUMBERS = 1000;

  private static final int AT_ONCE = 20;

  private final JdbcClient jdbc;

  public DeliveryStore(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** As an array: names would be most of the row. */
  @JsonFormat(shape = JsonFormat.Shape.ARRAY)
  @JsonPropertyOrder({"seq", "type", "at", "status", "code", "took", "excerpt"})
  private record Written(
      long seq,
      String type,
      Instant at,
      @Nullable Integer status,
      String code,
      long took,
      @Nullable String excerpt) {
    static Written of(Delivery delivery) {
      return new Written(
          delivery.seq(),
          delivery.type(),
          delivery.at(),
          delivery.status(),
          delivery.code(),
          delivery.tookMillis(),
          delivery.excerpt());
    }

    Delivery read() {
      return new Delivery(seq, type, at, status, code, took, excerpt);
    }
  }

  /**
   * Logs a run's deliveries, of which only the last may have been refused. An endpoint that took
   * one is failing no more, whatever was known of it when the run began.
   */
  void log(long endpoint, List<Delivery> run) {
    if (run.size() >= NUMBERS) {
      throw new IllegalArgumentException("a run of " + run.size() + " deliveries");
    }
    Delivery last = run.getLast();
    jdbc.sql(
            """
            with works as (
              update endpoints set failing_since = null
               where :taken and endpoint_id = :endpoint and failing_since is not null
            )
            insert into delivery_runs (endpoint_id, at, refused, deliveries)
            values (:endpoint, :at::timestamptz, :refused, :deliveries)
            """)
        .param("taken", run.getFirst().isDelivered())
        .param("endpoint", endpoint)
        .param("at", last.at().toString())
        .param("refused", !last.isDelivered())
        .param("deliveries", Json.write(run.stream().map(Written::of).toList()))
        .update();
  }

  /**
   * A delivery as it was logged.
   *
   * @param id rises with time
   */
  record Logged(long id, Delivery delivery) {}

  /** Newest first, older than {@code before}. */
  List<Logged> newest(long endpoint, boolean failedOnly, long before, int limit) {
    List<Logged> found = new ArrayList<>();
    long run = before / NUMBERS;
    while (true) {
      List<Logged> older = runs(endpoint, failedOnly, run);
      for (Logged one : older) {
        if (one.id() < before && !(failedOnly && one.delivery().isDelivered())) {
          found.add(one);
        }
        if (found.size() == limit) {
          return found;
        }
      }
      if (older.isEmpty()) {
        return found;
      }
      run = older.getLast().id() / NUMBERS - 1;
    }
  }

  /** Of some runs, up to this one. */
  private List<Logged> runs(long endpoint, boolean refusedOnly, long last) {
    // Written out: an index holds those that were refused.
    return jdbc
        .sql(
            """
            select run_id, deliveries from delivery_runs
             where endpoint_id = :endpoint and run_id <= :last
            """
                + (refusedOnly ? " and refused" : "")
                + " order by run_id desc limit :limit")
        .param("endpoint", endpoint)
        .param("last", last)
        .param("limit", AT_ONCE)
        .query(DeliveryStore::read)
        .list()
        .stream()
        .flatMap(List::stream)
        .toList();
  }

  private static List<Logged> read(ResultSet row, int ignored) throws SQLException {
    Written[] written = Json.mapper().readValue(row.getString("deliveries"), Written[].class);
    long first = row.getLong("run_id") * NUMBERS;
    List<Logged> newestFirst = new ArrayList<>();
    for (int i = written.length - 1; i >= 0; i--) {
      newestFirst.add(new Logged(first + i, written[i].read()));
    }
    return newestFirst;
  }

  /** Deletes what is older; returns how many rows that were. */
  int deleteOlder(Duration age, int limit) {
    return jdbc.sql(
            """
            -- The oldest by their numbers: an index by time would be written for each run.
            delete from delivery_runs
             where run_id in (select run_id
                                from (select run_id, at from delivery_runs
                                       order by run_id limit :limit) oldest
                               where at < now() - :age * interval '1 second')
            """)
        .param("age", age.toSeconds())
        .param("limit", limit)
        .update();
  }
}
