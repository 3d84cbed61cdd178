-- Owned by stats: how many and how fast, by hour, without reading a message.

create table hourly_counts (
  app_id bigint not null,
  hour timestamptz not null,
  sender_id bigint not null,
  status text not null,
  bucket smallint not null,         -- latency class (stats/LatencyBucket); -1 where none is meant
  count bigint not null,
  primary key (app_id, hour, sender_id, status, bucket)
);

-- Written with the change they count, folded into the hour every few seconds: two commits never
-- wait for each other over a counter.
create table count_deltas (
  app_id bigint not null,
  hour timestamptz not null,
  sender_id bigint not null,
  status text not null,
  bucket smallint not null,
  count bigint not null
) with (
  autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_threshold = 5000,
  autovacuum_vacuum_cost_delay = 0
);
