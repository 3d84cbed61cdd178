package dev.postrider.bench;

/** Years of use, put there by SQL: the rows the service itself would have written. */
final class Seeds {
  private static final int CHUNK = 500_000;
  private static final long FIRST_ID = 4_000_000_000_000L;

  private Seeds() {}

  /** Messages that were delivered long ago, each with its attempt and its trail. */
  static void messages(Rig rig, Rig.App app, int count) throws Exception {
    long start = System.nanoTime();
    inChunks(
        rig,
        app,
        count,
        FIRST_ID,
        """
        with n as (select %1$d + g as id, g from generate_series(%2$d::bigint, %3$d) as g),
        stored as (
          insert into messages (app_id, message_id, sender_id, recipient, message_type,
              message_content, priority, hold, max_attempts, expires_at, correlation_id, dispatch,
              version, attempts, created_at, sent_at, provider_message_id)
          select %4$d, id, %5$d, '+49151' || lpad((g * 7919 %% 100000000)::text, 8, '0'), 'text',
                 'Your code is ' || g, 2, false, 8, now(), 'old-' || g, 'handed_off', 2, 1,
                 now() - interval '30 days', now() - interval '30 days', '3EB0' || md5(g::text)
            from n),
        tried as (
          insert into attempts (message_id, attempt, app_id, sender_id, started_at, finished_at,
                                outcome, provider_message_id)
          select id, 1, %4$d, %5$d, now(), now(), 'accepted', '3EB0' || md5(g::text) from n)
        insert into message_logs (message_id, version, app_id, at, event, dispatch_from,
                                  dispatch_to, status, attempt)
        select id, v, %4$d, now(), case v when 1 then 'accepted' else 'sent' end,
               case v when 2 then 'sending' end,
               case v when 1 then 'sending' else 'handed_off' end,
               case v when 1 then 'pending' else 'sent' end, 1
          from n cross join generate_series(1, 2) as v
        """);
    Scenario.print(
        "seeded", count / 1e6, "million messages in %.0f s", (System.nanoTime() - start) / 1e9);
  }

  /** Messages that are due and wait for their turn. */
  static void jobs(Rig rig, Rig.App app, int count) throws Exception {
    inChunks(
        rig,
        app,
        count,
        FIRST_ID + 2_000_000_000L,
        """
        with n as (select %1$d + g as id, g from generate_series(%2$d::bigint, %3$d) as g),
        stored as (
          insert into messages (app_id, message_id, sender_id, recipient, message_type,
              message_content, priority, hold, max_attempts, expires_at, correlation_id, dispatch,
              version, attempts)
          select %4$d, id, %5$d, '+4915112345678', 'text', 'Your code is ' || g, 2, false, 8,
                 now() + interval '3 days', 'waiting-' || g, 'queued', 1, 0 from n),
        logged as (
          insert into message_logs (message_id, version, app_id, at, event, dispatch_to, status)
          select id, 1, %4$d, now(), 'accepted', 'queued', 'pending' from n)
        insert into jobs (kind, id, app_id, lane, priority, run_at)
        select 'deliver', id, %4$d, %5$d, 2, now() from n
        """);
    Scenario.print("seeded", count / 1e6, "million jobs");
  }

  /** Runs a statement for so many rows, some at a time, and lets the planner know of them. */
  private static void inChunks(Rig rig, Rig.App app, int count, long firstId, String statement)
      throws Exception {
    for (long from = 0; from < count; from += CHUNK) {
      long to = Math.min(count, from + CHUNK) - 1;
      rig.sql(statement.formatted(firstId, from, to, app.id(), app.sender()));
    }
    rig.sql("analyze");
  }

  /** Applications with a sandbox sender each; returns the first one's id. */
  static long applications(Rig rig, int count) throws Exception {
    rig.sql(
        """
        with made as (
          insert into applications (app_name)
          select 'light ' || g from generate_series(1, %d) as g returning app_id)
        insert into senders (app_id, provider, settings, is_default, trusted)
        select app_id, 'sandbox', '{}', true, false from made
        """
            .formatted(count));
    return (long) rig.number("select min(app_id) from applications where app_name like 'light %'");
  }
}
