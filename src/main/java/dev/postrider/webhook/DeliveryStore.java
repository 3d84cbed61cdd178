package dev.postrider.webhook;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.postrider.platform.Json;
import java.time.Duration;
import java.time.Instant;
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
  private static final long NUMBERS = 1000;

  /** Opened by the database, and of no more runs than there are deliveries to find. */
  private static final String ALL =
      """
      select r.run_id * :numbers + d.n - 1 as id, d.delivery
        from (select run_id, deliveries from delivery_runs
               where endpoint_id = :endpoint and run_id <= :before / :numbers
               order by run_id desc limit :limit + 1) r
       cross join json_array_elements(r.deliveries::json) with ordinality as d (delivery, n)
       where r.run_id * :numbers + d.n - 1 < :before
       order by id desc limit :limit
      """;

  /** A run that was refused has an index, and its last delivery is the one. */
  private static final String REFUSED =
      """
      select run_id * :numbers + json_array_length(deliveries::json) - 1 as id,
             deliveries::json -> -1 as delivery
        from delivery_runs
       where endpoint_id = :endpoint and refused and run_id <= :before / :numbers
         and run_id * :numbers + json_array_length(deliveries::json) - 1 < :before
       order by run_id desc limit :limit
      """;

  private final JdbcClient jdbc;

  public DeliveryStore(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** As an array: names would be most of the row. */
  @JsonFormat(shape = JsonFormat.Shape.ARRAY)
  @JsonIgnoreProperties(ignoreUnknown = true)
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
            values (:endpoint, now(), :refused, :deliveries)
            """)
        .param("taken", run.getFirst().isDelivered())
        .param("endpoint", endpoint)
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
    return jdbc.sql(failedOnly ? REFUSED : ALL)
        .param("numbers", NUMBERS)
        .param("endpoint", endpoint)
        .param("before", before)
        .param("limit", limit)
        .query((row, _) ->
            new Logged(
                row.getLong("id"),
                Json.mapper().readValue(row.getString("delivery"), Written.class).read()))
        .list();
  }

  /** Deletes what is older; returns how many rows that were. */
  int forget(Duration age, int most) {
    return jdbc.sql(
            """
            -- The oldest by their numbers: an index by time would be written for each run.
            delete from delivery_runs
             where run_id in (select run_id
                                from (select run_id, at from delivery_runs
                                       order by run_id limit :most) oldest
                               where at < now() - :age * interval '1 second')
            """)
        .param("age", age.toSeconds())
        .param("most", most)
        .update();
  }
}
