-- The outside journals, as tables beside the service's own, and what follows from them.
drop schema if exists chk cascade;
create schema chk;

create table chk.run (lease interval);
create table chk.asked (
  op text, attempt int, app bigint, recipient text, hold boolean, scheduled_for timestamptz,
  expires_at timestamptz, node text,
  idem_key text, body_sha text, invoked timestamptz, completed timestamptz, status int,
  message_id bigint, code text, retry_after text, replayed boolean, answer_sha text
);
create table chk.called (
  at timestamptz, session text, recipient text, op text, mood text, taken boolean,
  provider_id text, retry_after int
);
create table chk.reported (
  at timestamptz, sender bigint, provider_id text, kind text, genuine boolean, status int
);
create table chk.hurt (at timestamptz, action text, target text);
create table chk.tenant (app bigint, sender bigint, session text, name text);
create table chk.sampled (at timestamptz, node text, resident_mib int, threads int, files int);
-- Read from the nodes' logs: from when, and for how long, a node wanted to send nothing of a sender.
create table chk.opened (at timestamptz, until timestamptz, node text, sender bigint);
create table chk.frozen (message_id bigint, dispatch text, provider_message_id text);
create table chk.allowed (f text, t text);

-- What follows, worked out once when the tables are filled: every invariant asks for it.

-- What callers know: one row an operation and idempotency key (twins ask for the same thing).
create materialized view chk.op as
  select op, app, recipient, bool_or(hold) as hold, min(scheduled_for) as scheduled_for,
         min(expires_at) as expires_at, min(invoked) as invoked, min(completed) filter (where status = 201) as acked_at,
         min(message_id) as message_id,
         bool_or(status is null or status = 503) as doubtful,
         -- Of twins one may have been told at once: all must be replays.
         coalesce(bool_and(replayed) filter (where status = 201), false) as replayed,
         -- Whoever was told that there is a crowd may have asked again.
         coalesce(max(status) filter (where status between 400 and 499 and status <> 409
                                        and code is distinct from 'overloaded'),
                  case when bool_and(coalesce(code, '') = 'overloaded') then 429 end) as refused
    from chk.asked group by op, app, recipient
  with no data;

-- Who asked with a key, since when, and when it was told for good (Callers.isTold).
create view chk.patience as
  select app, op, idem_key, min(invoked) as asked,
         min(completed) filter (where status not in (409, 503)
                                  and code is distinct from 'overloaded') as told
    from chk.asked where idem_key is not null group by app, op, idem_key;

-- How a message stands for whoever asks, worked out here once more.
create view chk.standing as
  select message_id,
         case when read_at is not null then 'read'
              when delivered_at is not null then 'delivered'
              when dispatch = 'handed_off' and provider_failed_at is not null then 'failed'
              when dispatch = 'handed_off' then 'sent'
              when dispatch = 'queued' then 'pending'
              when dispatch = 'dead' then 'failed'
              else dispatch end as status
    from messages;

-- What reached the handset.
create materialized view chk.arrival as
  select op, session, count(*) as times, min(at) as first_at, max(at) as last_at
    from chk.called where taken group by op, session
  with no data;

-- Attempts that may have arrived: each allows one repeat.
create materialized view chk.excuse as
  select m.message_content as op, m.app_id as app, bool_or(m.hold) as hold,
         count(a.*) filter (where a.outcome in ('crash', 'lease_lost', 'unclear')) as excuses
    from messages m left join attempts a using (message_id) group by 1, 2
  with no data;

-- A change of the dispatch axis, with what was before it.
create materialized view chk.step as
  select message_id, version, at, dispatch_from, dispatch_to, status,
         lag(version) over w as version_before, lag(dispatch_to) over w as dispatch_before,
         lag(status) over w as status_before, lag(at) over w as at_before
    from message_logs window w as (partition by message_id order by version)
  with no data;

-- What arrived at the first attempt, to recipients none of whose attempts went wrong, and had no time
-- of its own: where order can be told.
create materialized view chk.smooth as
  with rough as materialized (
    select distinct n.app_id, n.sender_id, n.recipient
      from attempts x join messages n using (message_id) where x.outcome <> 'accepted'
  )
  select o.op, o.app, o.recipient, o.invoked, o.acked_at, m.sender_id, m.priority, a.first_at
    from chk.op o
    join messages m on m.app_id = o.app and m.message_id = o.message_id
    join chk.tenant t on t.app = o.app
    join chk.arrival a on a.op = o.op and a.session = t.session
   where o.scheduled_for is null and m.attempts = 1
     and not exists (
       select 1 from rough r where r.app_id = m.app_id and r.sender_id = m.sender_id
                               and r.recipient = m.recipient)
  with no data;
