package dev.postrider.campaign;

/**
 * What happened in a run: the accounting line, and the counters that say whether a fault occurred
 * at all.
 */
enum Tally {
  ATTEMPTED("select count(*) from chk.op"),
  ACKED("select count(*) from chk.op where acked_at is not null"),
  REJECTED("select count(*) from chk.op where acked_at is null and refused is not null"),
  INDETERMINATE("select count(*) from chk.asked where status is null or status = 503"),
  /** Who asked with a key, and again when all was well, and was never told. */
  UNTOLD("select count(*) from chk.patience where told is null"),
  /**
   * From the first try with a key to the answer, the longest; a day where none came. Patience is 90
   * seconds, and a try that was begun within it may take 30.
   */
  TOLD_MS_MAX(
      """
      select coalesce(max(coalesce(extract(epoch from told - asked) * 1000, 86400000)), 0)
        from chk.patience
      """),
  ARRIVED_FIRST("select count(*) from chk.arrival"),
  /** Stored although the caller was not told so at first: a lost answer, mended by asking again. */
  RECOVERED(
      """
      select count(*) from chk.op o where doubtful
         and (replayed or (acked_at is null and exists (
              select 1 from messages m where m.app_id = o.app and m.message_content = o.op)))
      """),
  DUPLICATES_EXPLAINED(
      """
      select coalesce(sum(least(a.times - 1, e.excuses)), 0)
        from chk.arrival a join chk.excuse e using (op) where a.times > 1
      """),
  DUPLICATES_UNEXPLAINED(
      """
      select coalesce(sum(greatest(a.times - 1 - e.excuses, 0)), 0)
        from chk.arrival a join chk.excuse e using (op)
      """),
  HOLD_PARKED("select count(*) from message_logs where dispatch_to = 'uncertain'"),
  /** Ops of which it can be told whether they kept their place behind another. */
  IN_ORDER(
      """
      select count(*) from chk.smooth b
       where exists (select 1 from chk.smooth a
                      where a.app = b.app and a.sender_id = b.sender_id
                        and a.recipient = b.recipient and a.priority = b.priority
                        and a.acked_at < b.invoked)
      """),
  /** Leases that ran out and were taken back. */
  RESCUED("select count(*) from attempts where outcome in ('crash', 'lease_lost')"),
  /** Ends of runs that came too late: the lease was somebody else's by then. */
  FENCED("select count(*) from attempts where outcome = 'lease_lost'"),
  /** Of those, the provider's yes: it is written down whoever has the message now. */
  LATE_YES(
      """
      select count(*) from attempts
       where outcome = 'lease_lost' and provider_message_id is not null
      """),
  /**
   * From a node's death until what it had was taken back, the longest, in milliseconds; where
   * nobody was killed, from the claim. A call that is marked begins a lease of its own.
   */
  RESCUE_MS_MAX(
      """
      select coalesce(max(extract(epoch from a.finished_at - coalesce(
               (select max(h.at) from chk.hurt h
                 where h.action = 'kill' and h.at between a.started_at and a.finished_at),
               a.started_at)) * 1000), 0)
        from attempts a where a.outcome in ('crash', 'lease_lost')
      """),
  /**
   * From the end of a fault to the next acknowledgement of each node that was asked, the longest; a
   * day where none came.
   */
  RECOVERY_MS_MAX(
      """
      select coalesce(max(coalesce(
               extract(epoch from (select min(completed) from chk.asked a
                                    where a.status = 201 and a.invoked > h.at and a.node = n.node)
                                  - h.at) * 1000,
               86400000)), 0)
        from chk.hurt h
        cross join lateral (select distinct node from chk.asked
                             where invoked > h.at and invoked < coalesce(
                               -- Until the next fault: what comes then is that one's.
                               (select min(g.at) from chk.hurt g
                                 where g.at > h.at and g.action not in ('heal', 'stalled', 'start', 'cancel')),
                               'infinity')) n
       where h.action = 'heal'
      """),
  /** How often the machine stood still, or was somebody else's. */
  STALLED("select count(*) from chk.hurt where action = 'stalled'"),
  /** Transactions that PostgreSQL ended because they waited for each other. */
  DEADLOCKS("select deadlocks from pg_stat_database where datname = current_database()"),
  REPLAYED("select count(*) from chk.asked where replayed"),
  MISMATCHED("select count(*) from chk.asked where code = 'idempotency_key_reuse'"),
  ANSWERED_429("select count(*) from chk.asked where status = 429"),
  ANSWERED_503("select count(*) from chk.asked where status = 503"),
  UNCLEAR("select count(*) from attempts where outcome = 'unclear'"),
  DEFERRED("select count(*) from attempts where outcome = 'deferred'"),
  DEAD("select count(*) from messages where dispatch = 'dead'"),
  FAILED("select count(*) from messages where dispatch = 'failed'"),
  EXPIRED("select count(*) from messages where dispatch = 'expired'"),
  CIRCUITS_OPENED("select count(*) from chk.opened"),
  RECEIPTS("select count(*) from chk.reported where genuine and status = 200"),
  FORGERIES("select count(*) from chk.reported where not genuine and status in (401, 403)"),
  /** Receipts taken in before a receipt of a lower rank for the same message. */
  RECEIPTS_OUT_OF_ORDER(
      """
      select count(*) from chk.reported a join chk.reported b
          on b.sender = a.sender and b.provider_id = a.provider_id and b.at > a.at
       where a.status = 200 and b.status = 200
         and (a.kind, b.kind) in (('read', 'delivered'), ('read', 'sent'), ('delivered', 'sent'))
      """);

  private final String sql;

  Tally(String sql) {
    this.sql = sql;
  }

  String sql() {
    return sql;
  }
}
