-- Owned by queue: work that must happen later and survive a crash. A row lives only while there is
-- work to do, so the table stays small and hot beside the big ones.

create table jobs (
  kind text not null,
  id bigint not null,               -- the subject's id: a message has at most one job of a kind
  app_id bigint not null,
  lane bigint not null,             -- what shares limits and fate: a sender
  priority smallint not null,       -- 0 urgent, 1 high, 2 normal, 3 low
  run_at timestamptz not null,
  attempt integer not null default 0,     -- claims that led, or may have led, to a call
  counted integer not null default 0,     -- attempts that count against max_attempts
  crashes integer not null default 0,     -- claims whose node never came back
  ambiguous boolean not null default false, -- an earlier attempt may have arrived
  token bigint,                     -- the fence: whoever finishes must still hold it
  node uuid,
  claimed_at timestamptz,
  lease_until timestamptz,
  started boolean not null default false,  -- marked just before a call that must not be repeated
  primary key (kind, id),
  check ((token is null) = (lease_until is null)),
  check ((token is null) = (claimed_at is null))
) with (
  fillfactor = 70,
  autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_threshold = 2000,
  autovacuum_vacuum_cost_delay = 0,
  autovacuum_analyze_scale_factor = 0,
  autovacuum_analyze_threshold = 20000
);
create index jobs_ready on jobs (kind, lane, priority, run_at, id) where token is null;
create index jobs_leased on jobs (lease_until) where token is not null;
