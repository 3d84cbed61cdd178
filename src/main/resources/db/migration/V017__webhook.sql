-- Owned by webhook: whom to tell of events, what they are still to be told, and what they answered.

create table endpoints (
  endpoint_id bigint generated always as identity primary key,
  app_id bigint not null,
  url text not null,
  description text,
  event_types text not null default '[]',   -- JSON: words; none means all
  per_second integer,
  trusted boolean not null,
  secrets bytea not null,                   -- sealed
  cursor bigint not null,                   -- the number of the next event to cut a notice for
  failing_since timestamptz,
  disabled_at timestamptz,
  disabled_why text,
  created_at timestamptz not null default now(),
  deleted_at timestamptz
);
create index endpoints_app on endpoints (app_id, endpoint_id) where deleted_at is null;

-- The subject of a job of kind 'notify': gone when its events are delivered, or given up.
create table notices (
  notice_id bigint generated always as identity primary key,
  endpoint_id bigint not null,
  next_seq bigint not null,
  last_seq bigint not null
);
create index notices_endpoint on notices (endpoint_id);

create table deliveries (
  delivery_id bigint generated always as identity primary key,
  endpoint_id bigint not null,
  seq bigint not null,
  event_type text not null,
  at timestamptz not null,
  status integer,
  code text not null,
  took_ms bigint not null,
  excerpt text
);
create index deliveries_endpoint on deliveries (endpoint_id, delivery_id);
create index deliveries_at on deliveries using brin (at);
