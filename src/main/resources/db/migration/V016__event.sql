-- Owned by event: what happened, application by application, in a log without gaps.

-- The last number that was given out. Whoever gives out the next one holds the row until its commit,
-- so that numbers become visible in their order.
create table event_heads (
  app_id bigint primary key,
  last_seq bigint not null
) with (fillfactor = 50);

-- One row for the events of one application in one commit.
create table event_batches (
  app_id bigint not null,
  last_seq bigint not null,
  first_seq bigint not null,
  at timestamptz not null,
  events text not null,             -- JSON: event/EventStore
  primary key (app_id, last_seq)
);
create index event_batches_at on event_batches using brin (at);
