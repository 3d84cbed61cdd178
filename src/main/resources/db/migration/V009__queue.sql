-- What must go out in the order it came in: the messages of a sender to one recipient.
alter table jobs
  add column order_key bigint not null default 0,            -- 0: no order
  add column ordered_at timestamptz not null default now();  -- its place: when it came, or its time

create index jobs_order on jobs (order_key) where order_key <> 0;

-- When the next job of a lane that has a pace may start: a row once a lane has had one.
create table lane_paces (
  lane bigint primary key,
  next_at timestamptz not null
) with (fillfactor = 70);
