package dev.postrider.campaign;

import dev.postrider.message.Dispatch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.sql.DataSource;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.init.ScriptUtils;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Decides from outside: loads the journals beside the service's tables and asks every invariant.
 * Knows the service's tables and its status table, and none of its code otherwise.
 */
final class Checker {
  private static final int SHOWN = 200;
  private final DataSource database;
  private final JdbcClient jdbc;
  private final Journals journals;
  private final Path folder;
  private final Set<String> secrets = ConcurrentHashMap.newKeySet();
  private final List<Frozen> frozen = new ArrayList<>();

  /** A message that had ended at some moment of the run. */
  record Frozen(long messageId, String dispatch, String providerMessageId) {}

  Checker(DataSource database, Journals journals, Path folder) {
    this.database = database;
    this.jdbc = JdbcClient.create(database);
    this.journals = journals;
    this.folder = folder;
  }

  /** A text that must stand in no log. */
  void secret(String text) {
    secrets.add(text);
  }

  void snapshot() {
    frozen.addAll(
        jdbc.sql(
                """
                select message_id, dispatch, provider_message_id from messages
                 where dispatch in ('handed_off', 'failed', 'expired', 'canceled', 'dead')
                """)
            .query((row, _) ->
                new Frozen(row.getLong(1), row.getString(2), String.valueOf(row.getString(3))))
            .list());
  }

  Verdict check(String run, long seed, Duration lease, List<Path> logs, Set<Invariant> asked) {
    load();
    jdbc.sql("insert into chk.run values (? * interval '1 millisecond')")
        .param(lease.toMillis())
        .update();
    logs.forEach(this::loadCircuits);
    Map<Invariant, List<String>> violations = new EnumMap<>(Invariant.class);
    for (Invariant invariant : asked) {
      violations.put(
          invariant,
          invariant == Invariant.LOGS_ARE_CLEAN
              ? logs.stream().flatMap(it -> flaws(it).stream()).toList()
              : found(invariant));
    }
    EnumMap<Tally, Long> tallies = new EnumMap<>(Tally.class);
    for (Tally tally : Tally.values()) {
      tallies.put(tally, jdbc.sql(tally.sql()).query(Long.class).single());
    }
    return new Verdict(run, seed, folder, violations, tallies);
  }

  private List<String> found(Invariant invariant) {
    return jdbc.sql(invariant.sql()).query((row, _) -> row.getString(1)).list().stream()
        .limit(SHOWN)
        .toList();
  }

  private void load() {
    try (var connection = database.getConnection()) {
      ScriptUtils.executeSqlScript(connection, new ClassPathResource("campaign/journals.sql"));
    } catch (java.sql.SQLException e) {
      throw new IllegalStateException(e);
    }
    fill("asked", journals.callers.array());
    fill("called", journals.provider.array());
    fill("reported", journals.receipts.array());
    fill("hurt", journals.nemesis.array());
    fill("tenant", journals.tenants.array());
    fill("sampled", journals.samples.array());
    for (Dispatch from : Dispatch.values()) {
      for (Dispatch to : Dispatch.values()) {
        // A receipt or a new time is noted without a step.
        if (from.canBecome(to) || from == to) {
          jdbc.sql("insert into chk.allowed values (?, ?)").params(from.word(), to.word()).update();
        }
      }
    }
    // At once: there are as many as messages.
    List<Frozen> rows = List.copyOf(Set.copyOf(frozen));
    jdbc.sql(
            """
            insert into chk.frozen
            select id, dispatch, nullif(provider_id, 'null')
              from unnest(:ids::bigint[], :dispatches::text[], :provider_ids::text[])
                as t (id, dispatch, provider_id)
            """)
        .param("ids", rows.stream().mapToLong(Frozen::messageId).toArray())
        .param("dispatches", rows.stream().map(Frozen::dispatch).toArray(String[]::new))
        .param("provider_ids", rows.stream().map(Frozen::providerMessageId).toArray(String[]::new))
        .update();
    // Before they are read: a plan for tables of unknown size reads one for each row of another.
    jdbc.sql("analyze").update();
    for (String derived : List.of("op", "arrival", "excuse", "step", "smooth")) {
      jdbc.sql("refresh materialized view chk." + derived).update();
      jdbc.sql("analyze chk." + derived).update();
    }
  }

  /** When a node says that it sends nothing of a sender. A log may be of several processes. */
  private void loadCircuits(Path log) {
    Map<Long, String> nodes = new HashMap<>();
    events(log, "service.ready")
        .forEach(
            event -> nodes.put(event.at("/process/pid").asLong(), event.path("node").asString()));
    events(log, "circuit.opened")
        .forEach(event ->
            jdbc.sql(
                    """
                    insert into chk.opened
                    select at, at + ? * interval '1 millisecond', ?, ?
                      from (select ?::timestamptz as at) opened
                    """)
                .params(
                    event.path("wait_ms").asLong(),
                    nodes.getOrDefault(event.at("/process/pid").asLong(), "unknown"),
                    event.path("sender_id").asLong(),
                    event.path("@timestamp").asString())
                .update());
  }

  private static List<JsonNode> events(Path log, String name) {
    return read(log)
        .lines()
        .filter(line -> line.contains("\"" + name + "\"") && isEvent(line))
        .map(line -> JsonMapper.shared().readTree(line))
        .filter(event -> event.path("message").asString().equals(name))
        .toList();
  }

  private void fill(String table, String rows) {
    jdbc.sql(
            "insert into chk.%s select * from jsonb_populate_recordset(null::chk.%s, ?::jsonb)"
                .formatted(table, table))
        .param(rows)
        .update();
  }

  /** One JSON object a line, and nothing in it that is nobody's business. */
  private List<String> flaws(Path log) {
    List<String> flaws = new ArrayList<>();
    String text = read(log);
    text.lines()
        .filter(line -> !line.isBlank())
        .forEach(line -> {
          if (!isEvent(line)) {
            flaws.add("not an event: " + line.substring(0, Math.min(160, line.length())));
          }
        });
    secrets.stream().filter(text::contains).forEach(it -> flaws.add("a secret is in " + log));
    if (text.contains("canary-op-")) {
      flaws.add("a message's text is in " + log);
    }
    if (text.contains("+4915123") || text.contains("4915123100")) {
      flaws.add("a full number is in " + log);
    }
    return flaws;
  }

  private static boolean isEvent(String line) {
    try {
      JsonNode event = JsonMapper.shared().readTree(line);
      return event.isObject() && event.has("@timestamp") && event.has("message");
    } catch (RuntimeException _) {
      return false;
    }
  }

  static String read(Path log) {
    try {
      return Files.readString(log, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
