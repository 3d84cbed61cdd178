package dev.postrider.campaign;

/**
 * What must hold after every run, whatever was done to the service. Each is a query over the
 * journals (schema {@code chk}, test resource campaign/journals.sql) and the service's tables that
 * returns one line of text for each violation.
 */
enum Invariant {
  NOTHING_IS_LOST(
      """
      select 'op ' || o.op || ' was acknowledged as ' || o.message_id || ': ' ||
             coalesce(m.dispatch || ' without a reason', 'not stored')
        from chk.op o left join messages m on m.app_id = o.app and m.message_id = o.message_id
       where o.acked_at is not null
         and (m.message_id is null or m.message_content <> o.op
              or (m.dispatch in ('failed', 'expired', 'dead') and m.code is null))
      union all
      select 'op ' || m.message_content || ' is ' || m.dispatch || ' and never arrived'
        from messages m
       where m.dispatch = 'handed_off'
         and not exists (select 1 from chk.arrival a where a.op = m.message_content)
      """),
  NOTHING_COMES_FROM_NOWHERE(
      """
      select 'arrival of ' || op || ' that nobody asked for' from chk.called c
       where taken and not exists (select 1 from chk.op o where o.op = c.op)
      union all
      select 'message ' || message_id || ' that nobody asked for' from messages m
       where not exists (select 1 from chk.op o where o.op = m.message_content and o.app = m.app_id)
      union all
      select 'op ' || c.op || ' was sent to ' || c.recipient || ', and was meant for '
             || (select min(recipient) from chk.op o where o.op = c.op)
        from chk.called c
       where not exists (select 1 from chk.op o where o.op = c.op and o.recipient = c.recipient)
      """),
  EVERYTHING_ENDS_ONCE(
      """
      select 'message ' || message_id || ' is still ' || dispatch from messages
       where dispatch not in ('handed_off', 'failed', 'expired', 'canceled', 'dead')
         and not (dispatch = 'scheduled' and scheduled_for > now())
      union all
      select 'message ' || message_id || ' ended ' || count(*) || ' times' from chk.step
       where dispatch_to in ('handed_off', 'failed', 'expired', 'canceled', 'dead')
         and dispatch_from is distinct from dispatch_to
       group by message_id having count(*) > 1
      """),
  /** A fault of ours, or of the database, is nobody's end. */
  AN_END_HAS_ITS_CAUSE(
      """
      with tried as (
        select message_id, count(*) filter (where outcome = 'rejected') as rejected,
               count(*) filter (where outcome in ('unclear', 'crash', 'lease_lost')) as doubtful,
               count(*) filter (where outcome in ('unclear', 'deferred')) as in_vain,
               count(*) filter (where outcome in ('crash', 'lease_lost')) as crashes
          from attempts group by message_id
      )
      select 'message ' || m.message_id || ' is ' || m.dispatch || ', ' || coalesce(m.code, 'no code')
             || ', after ' || coalesce(t.in_vain, 0) || ' of ' || m.max_attempts || ' attempts and '
             || coalesce(t.crashes, 0) || ' crashes'
        from messages m left join tried t using (message_id)
        -- What the caller said, not what was stored of it.
        left join (select op, app, min(expires_at) as expires_at from chk.op group by op, app) o
               on o.op = m.message_content and o.app = m.app_id
       where (m.dispatch = 'failed'
              and (t.rejected > 0 or t.in_vain >= m.max_attempts
                   or (m.hold and t.doubtful > 0)) is not true)
          or (m.dispatch = 'dead' and (t.crashes >= 3) is not true)
          or (m.dispatch = 'expired'
              and (m.ended_at >= o.expires_at - interval '100 milliseconds') is not true)
          or (m.dispatch = 'canceled'
              and not exists (select 1 from chk.hurt h
                               where h.action = 'cancel' and h.target = m.message_id::text))
      """),
  REPEATS_ARE_EXPLAINED(
      """
      select 'op ' || a.op || ' arrived ' || a.times || ' times, ' || e.excuses || ' explained'
        from chk.arrival a join chk.excuse e on e.op = a.op
        join chk.tenant t on t.app = e.app and t.session = a.session
       where a.times > 1 + e.excuses
      """),
  HELD_MESSAGES_ARRIVE_AT_MOST_ONCE(
      """
      select 'held op ' || a.op || ' arrived ' || a.times || ' times'
        from chk.arrival a join chk.op o on o.op = a.op where o.hold and a.times > 1
      """),
  /**
   * Where one was acknowledged before the other was asked for, both to one recipient, neither had a
   * time of its own, and no attempt to that recipient went wrong.
   */
  ORDER_IS_KEPT(
      """
      select 'op ' || b.op || ' overtook ' || a.op || ' to ' || a.recipient
        from chk.smooth a join chk.smooth b
          on b.app = a.app and b.sender_id = a.sender_id and b.recipient = a.recipient
         and b.priority = a.priority and a.acked_at < b.invoked and b.first_at < a.first_at
      """),
  NOT_SENT_MEANS_NOT_SENT(
      """
      select 'op ' || c.op || ' arrived during attempt ' || a.attempt || ', which says ' || a.code
        from chk.called c join messages m on m.message_content = c.op
        join attempts a on a.message_id = m.message_id
         and c.at between a.started_at and a.finished_at
       where c.taken and a.outcome in ('deferred', 'rejected')
      union all
      select 'op ' || c.op || ' arrived ' || extract(epoch from c.at - h.at)
             || ' s after it had been called back'
        from chk.hurt h join messages m on h.action = 'cancel' and m.message_id::text = h.target
        join chk.called c on c.op = m.message_content and c.taken and c.at > h.at
      """),
  A_KEY_MEANS_ONE_THING(
      """
      select 'key ' || idem_key || ' was answered in ' || count(distinct answer_sha) || ' ways, '
             || count(distinct message_id) || ' messages, ' || count(distinct body_sha) || ' bodies'
        from chk.asked where idem_key is not null and status = 201
       group by app, idem_key
      having count(distinct message_id) > 1 or count(distinct answer_sha) > 1
          or count(distinct body_sha) > 1
      union all
      select 'op ' || message_content || ' was stored ' || count(*) || ' times' from messages
       where message_content in (select op from chk.asked group by op
                                 having count(distinct idem_key) = 1 and count(idem_key) = count(*))
       group by app_id, message_content having count(*) > 1
      union all
      select 'op ' || a.op || ' was refused with ' || a.status || ' ' || coalesce(a.code, '')
             || ', and had been stored as ' || m.message_id
        from chk.asked a join messages m on m.app_id = a.app and m.message_content = a.op
       where a.idem_key is not null and a.status between 400 and 499 and a.status not in (409, 429)
         and a.code is distinct from 'idempotency_key_reuse' and m.created_at < a.invoked
      union all
      select 'op ' || op || ' was asked for with key ' || idem_key || ', and nobody was told'
        from chk.patience where told is null
      """),
  THE_AUDIT_TRAIL_IS_A_PATH(
      """
      select 'message ' || message_id || ' version ' || version || ': ' ||
             coalesce(dispatch_from, 'nothing') || ' to ' || dispatch_to || ' after ' ||
             coalesce(dispatch_before, 'nothing')
        from chk.step s
       where (version_before is null and (version <> 1 or dispatch_from is not null))
          or (version_before is not null
              and (version <> version_before + 1
                   or dispatch_from is distinct from dispatch_before
                   or not exists (select 1 from chk.allowed
                                   where f = dispatch_from and t = dispatch_to)))
      union all
      select 'message ' || m.message_id || ' is ' || m.dispatch || ', its trail ends in '
             || coalesce(l.dispatch_to, 'nothing')
        from messages m left join message_logs l
          on l.message_id = m.message_id and l.version = m.version
       where l.dispatch_to is distinct from m.dispatch
      union all
      select 'message ' || m.message_id || ' is ' || s.status || ', its trail says ' || l.status
        from messages m join chk.standing s using (message_id) join message_logs l
          on l.message_id = m.message_id and l.version = m.version
       where l.status is distinct from s.status
      """),
  AN_END_IS_AN_END(
      """
      select distinct 'message ' || f.message_id || ' was ' || f.dispatch || ' and is '
             || coalesce(m.dispatch, 'gone')
        from chk.frozen f left join messages m using (message_id)
       where m.dispatch is distinct from f.dispatch
          or m.provider_message_id is distinct from f.provider_message_id
      """),
  /** One event for each public change, in its application's log, whose numbers have no gap. */
  EVENTS_TELL_EVERYTHING(
      """
      with told as (
        select b.app_id, b.first_seq + e.place - 1 as seq, e.event ->> 0 as type,
               (e.event ->> 2)::bigint as message_id
          from event_batches b, jsonb_array_elements(b.events::jsonb) with ordinality as e (event, place)
      ), changed as (
        select m.app_id, m.message_id,
               'message.' || case when s.version = 1 then 'accepted' else s.status end as type
          from chk.step s join messages m using (message_id)
         where s.version = 1
            or (s.status is distinct from s.status_before
                and s.status in ('sent', 'delivered', 'read', 'failed', 'expired', 'canceled',
                                 'uncertain'))
      )
      select 'message ' || message_id || ' of application ' || app_id || ' changed '
             || coalesce(c.times, 0) || ' times to ' || type || ', told ' || coalesce(t.times, 0)
        from (select app_id, message_id, type, count(*) as times from changed group by 1, 2, 3) c
        full join (select app_id, message_id, type, count(*) as times from told
                    where type like 'message.%' group by 1, 2, 3) t
             using (app_id, message_id, type)
       where c.times is distinct from t.times
      union all
      select 'application ' || t.app_id || ' has ' || count(*) || ' events from ' || min(t.seq)
             || ' to ' || max(t.seq) || ', the newest is ' || h.last_seq
        from told t join event_heads h using (app_id)
       group by t.app_id, h.last_seq
      having min(t.seq) <> 1 or count(*) <> h.last_seq or max(t.seq) <> h.last_seq
      """),
  COUNTS_EQUAL_ROWS(
      """
      select 'application ' || app_id || ' counts ' || coalesce(counted, 0) || ' ' || status
             || ', its trails say ' || coalesce(logged, 0)
        from (select app_id, status, sum(count) as counted
                from (select app_id, status, count from hourly_counts
                       union all select app_id, status, count from count_deltas) c
               group by 1, 2) counts
        full join (
          select m.app_id, case when s.version = 1 then 'accepted' else s.status end as status,
                 count(*) as logged
            from chk.step s join messages m using (message_id)
           where s.version = 1
              or (s.status is distinct from s.status_before
                  and s.status in ('sent', 'delivered', 'read', 'failed', 'expired', 'canceled',
                                   'uncertain'))
           group by 1, 2) trails using (app_id, status)
       where counted is distinct from logged
      """),
  APPLICATIONS_ARE_APART(
      """
      select 'attempt of message ' || x.message_id || ' belongs to another application'
        from attempts x join messages m using (message_id) where x.app_id <> m.app_id
      union all
      select 'log of message ' || x.message_id || ' belongs to another application'
        from message_logs x join messages m using (message_id) where x.app_id <> m.app_id
      union all
      select 'op ' || c.op || ' arrived through ' || c.session
        from chk.called c join chk.op o using (op) join chk.tenant t on t.app = o.app
       where c.session <> t.session
      """),
  ATTEMPTS_ADD_UP(
      """
      select 'message ' || message_id || ' has ' || count(*) || ' attempts, the last is number '
             || max(attempt)
        from attempts group by message_id having count(*) <> max(attempt)
      union all
      select 'message ' || message_id || ' tried more often than it may' from attempts
        join messages m using (message_id)
       group by message_id, m.max_attempts
      having count(*) filter (where outcome in ('unclear', 'rejected')) > m.max_attempts
          or count(*) filter (where outcome in ('crash', 'lease_lost')) > 12
      union all
      select 'message ' || l.message_id || ' was sent by attempt ' || l.attempt
             || ', which says ' || coalesce(a.outcome, 'nothing')
        from message_logs l left join attempts a
          on a.message_id = l.message_id and a.attempt = l.attempt
       where l.event = 'sent' and a.outcome is distinct from 'accepted'
      union all
      select 'attempt ' || attempt || ' of message ' || message_id || ' was accepted under no id'
        from attempts where outcome = 'accepted' and provider_message_id is null
      union all
      select 'message ' || m.message_id || ', which is ' || m.dispatch || ', says ' || m.attempts
             || ' attempts and has ' || count(a.attempt)
        from messages m left join attempts a using (message_id)
       where m.dispatch not in ('scheduled', 'queued', 'sending', 'uncertain')
       group by m.message_id, m.dispatch, m.attempts having m.attempts <> count(a.attempt)
      union all
      select 'the last attempt of message ' || m.message_id || ', which is ' || m.dispatch
             || ', has a next time'
        from attempts a join messages m on m.message_id = a.message_id and m.attempts = a.attempt
       where a.retry_at is not null and m.dispatch in ('failed', 'dead', 'uncertain')
      union all
      select 'attempts ' || a.attempt || ' and ' || b.attempt || ' of message ' || a.message_id
             || ' overlap'
        from attempts a join attempts b using (message_id)
       where a.attempt < b.attempt and a.finished_at > b.started_at + interval '10 milliseconds'
      """),
  /**
   * Never before its lease has run out, and never at all where nobody was hurt, and the machine did
   * not stand still for a quarter of the lease.
   */
  A_LIVE_JOB_IS_LEFT_ALONE(
      """
      select 'attempt ' || a.attempt || ' of message ' || a.message_id || ' was taken back after '
             || extract(epoch from a.finished_at - a.started_at) || ' s, and nobody had been hurt'
        from attempts a cross join chk.run
       where a.outcome in ('crash', 'lease_lost')
         and (a.finished_at - a.started_at < run.lease - interval '100 milliseconds'
              or (not exists (select 1 from chk.hurt h
                               where h.at between a.started_at - interval '60 seconds'
                                              and a.finished_at
                                 and h.action not in
                                       ('heal', 'start', 'quiet', 'measure', 'stalled', 'cancel'))
                  and (select coalesce(sum(least(s.until, a.finished_at)
                                           - greatest(s.at, a.started_at)), interval '0')
                         from (select at, at + target::int * interval '1 millisecond' as until
                                 from chk.hurt where action = 'stalled') s
                        where s.at < a.finished_at and s.until > a.started_at) < run.lease / 4))
      """),
  NO_LEASE_IS_LEFT(
      """
      select 'job ' || id || ' is left' from jobs
       -- An endpoint that is never there keeps its notices.
       where kind <> 'notify' and run_at < now() + interval '10 minutes'
      """),
  RETRIES_WAIT_AS_TOLD(
      """
      select 'op ' || a.op || ' was told to wait ' || a.retry_after || ' s and came after '
             || extract(epoch from b.at - a.at)
        from chk.called a
        join lateral (select at from chk.called n where n.op = a.op and n.at > a.at
                       order by at limit 1) b on true
       where a.retry_after is not null
         and b.at < a.at + least(a.retry_after, 3600) * interval '1 second'
      union all
      select 'attempt ' || b.attempt || ' of message ' || b.message_id || ' came '
             || extract(epoch from a.retry_at - b.started_at) || ' s before its time'
        from attempts a join attempts b
          on b.message_id = a.message_id and b.attempt = a.attempt + 1
       where b.started_at < a.retry_at - interval '50 milliseconds'
         and a.outcome in ('deferred', 'unclear')
      """),
  /**
   * In any five seconds no more calls of a sender than its pace allows in seven: what starts late
   * comes together with what starts in time, and with {@link Campaign.Setup#quick} nothing starts
   * more than a second late.
   */
  A_PACE_IS_KEPT(
      """
      with paced as (
        select t.session, (s.policy::jsonb #>> '{pacing,per_second}')::int as per_second
          from senders s join chk.tenant t on t.sender = s.sender_id
         where s.policy::jsonb #>> '{pacing,per_second}' is not null
      )
      select 'sender of ' || session || ' made ' || calls || ' calls in five seconds, paced at '
             || per_second || ' a second'
        from (select p.session, p.per_second,
                     count(*) over (partition by p.session order by c.at
                                    range between current row and interval '5 seconds' following)
                       as calls
                from paced p join chk.called c using (session)) windows
       where calls > 7 * per_second + 1
      """),
  /** While its circuit is open on a node, that node starts no call of a sender. */
  AN_OPEN_CIRCUIT_IS_LEFT_ALONE(
      """
      select distinct 'op ' || c.op || ' arrived ' || extract(epoch from c.at - o.at)
             || ' s after the circuit of its sender had opened, for '
             || extract(epoch from o.until - o.at) || ' s'
        from chk.opened o
        join attempts a on a.node::text = o.node and a.sender_id = o.sender
         and a.started_at > o.at + interval '100 milliseconds' and a.started_at < o.until
         -- A crash is written down by whoever found it.
         and a.code is distinct from 'crash'
        join messages m using (message_id)
        join chk.called c on c.op = m.message_content and c.at between a.started_at and a.finished_at
         and c.at < o.until - interval '100 milliseconds'
      """),
  /**
   * Fixed heap, fixed pools: what a node takes does not depend on what is done to it. Open files
   * are its 2,048 connections, as many that are closed and not let go of yet (by a server that is
   * cold and gets little of the processor they all are, after a crowd), and some of its own.
   */
  A_NODE_TAKES_WHAT_IT_MAY(
      """
      select node || ' took up to ' || max(resident_mib) || ' MiB, ' || max(threads)
             || ' threads, ' || max(files) || ' open files'
        from chk.sampled group by node
      having max(resident_mib) > 560 or max(threads) > 90 or max(files) > 5120
      union all
      select 'nobody looked at what the nodes take' where not exists (select 1 from chk.sampled)
      """),
  NEVER_EARLY(
      """
      select 'op ' || c.op || ' arrived ' || extract(epoch from o.scheduled_for - c.at)
             || ' s early'
        from chk.called c join chk.op o using (op)
       where c.taken and c.at < o.scheduled_for
      """),
  NEVER_LATE(
      """
      select 'op ' || c.op || ' arrived ' || extract(epoch from c.at - o.expires_at)
             || ' s after its deadline'
        from chk.called c join chk.op o using (op)
       where c.taken and c.at > o.expires_at + interval '16 seconds'
      union all
      select 'attempt ' || a.attempt || ' of message ' || a.message_id || ' began '
             || extract(epoch from a.started_at - m.expires_at) || ' s after its deadline'
        from attempts a join messages m using (message_id)
       -- A crash is written down from its claim. Between the look at the clock and the call a node
       -- may wait for a connection, and the machine may stand still.
       where a.code is distinct from 'crash'
         and a.started_at > m.expires_at + interval '3 seconds'
             + (select coalesce(sum(h.target::int), 0) * interval '1 millisecond' from chk.hurt h
                 where h.action = 'stalled'
                   and h.at between m.expires_at - interval '5 seconds' and a.started_at)
         and not exists (select 1 from chk.hurt h
                          where h.action = 'freeze'
                            and h.at between m.expires_at - interval '60 seconds' and a.started_at)
      """),
  RECEIPTS_DECIDE_THE_STATUS(
      """
      with told as (
        select c.op, t.app, bool_or(r.kind = 'delivered') as delivered,
               bool_or(r.kind = 'read') as read,
               array_agg(r.provider_id) filter (where r.kind = 'failed') as failed
          from chk.reported r
          join chk.tenant t on t.sender = r.sender
          join chk.called c on c.provider_id = r.provider_id and c.session = t.session and c.taken
         where r.genuine and r.status = 200 and c.mood <> 'SAME_ID'
           -- An id that no answer ever named cannot be known to be ours.
           and exists (select 1 from attempts a where a.sender_id = r.sender
                          and a.provider_message_id = r.provider_id)
         group by 1, 2
      )
      select 'op ' || op || ' was reported' || case when told.delivered then ' delivered' else '' end
             || case when told.read then ' read' else '' end
             || case when told.failed is null then '' else ' failed' end || ' and is ' || s.status
        from told join messages m on m.message_content = told.op and m.app_id = told.app
        join chk.standing s using (message_id)
       where (told.read and m.read_at is null) or (told.delivered and m.delivered_at is null)
          -- Of the attempt that counts, and where none arrived.
          or (m.provider_message_id = any (told.failed) and m.dispatch = 'handed_off'
              and s.status = 'sent')
      union all
      select 'message ' || m.message_id || ' is ' || ends.kind || ', and nobody said so'
        from messages m join chk.tenant t on t.app = m.app_id
        cross join lateral (values ('delivered', m.delivered_at), ('read', m.read_at),
                                   ('failed', m.provider_failed_at)) as ends (kind, at)
       where ends.at is not null
         and not exists (
           select 1 from chk.reported r
             join chk.called c on c.provider_id = r.provider_id and c.session = t.session
            where r.sender = t.sender and c.op = m.message_content and r.genuine
              -- Who has read it has got it.
              and (r.kind = ends.kind or (ends.kind = 'delivered' and r.kind = 'read'))
              -- That an attempt failed which does not count is no end of one that got through.
              and (ends.kind <> 'failed' or m.dispatch <> 'handed_off'
                   or r.provider_id = coalesce(m.provider_message_id, r.provider_id)))
      """),
  /** Or not looked at: 503 says that nothing was noted, whoever it came from. */
  FORGERIES_ARE_REFUSED(
      """
      select 'a forged receipt was met with ' || status from chk.reported
       where not genuine and status not in (401, 403, 503, 0)
      """),
  TRAILS_GO_FORWARD_IN_TIME(
      """
      select 'message ' || message_id || ' version ' || version || ' is older than the one before'
        from chk.step where at < at_before
      """),
  THE_API_KEEPS_ITS_WORD(
      """
      select 'op ' || op || ' was answered ' || status || ' ' || coalesce(code, '') from chk.asked
       where status >= 500 and status <> 503
      union all
      select 'op ' || op || ' was answered ' || status || ' without Retry-After' from chk.asked
       where status in (429, 503) and retry_after is null
      union all
      select 'a receipt was answered ' || status from chk.reported
       where status >= 500 and status <> 503
      union all
      select 'a genuine receipt was answered ' || status from chk.reported
       where genuine and status between 400 and 499
      union all
      -- Callers ask for nothing else than messages that are valid until their deadline.
      select 'op ' || op || ' was refused with ' || status || ' ' || coalesce(code, '')
        from chk.asked
       where status between 400 and 499 and status not in (409, 429)
         and code is distinct from 'idempotency_key_reuse'
         and (expires_at is null or completed < expires_at)
      """),
  /** Checked in the nodes' logs, not in the database. */
  LOGS_ARE_CLEAN("");

  private final String sql;

  Invariant(String sql) {
    this.sql = sql;
  }

  /** One line of text for each violation; empty where it is not checked by a query. */
  String sql() {
    return sql;
  }

  String sentence() {
    return name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
  }
}
