-- Owned by delivery: what was tried, and receipts that came before we knew their message.

create table attempts (
  message_id bigint not null,
  attempt integer not null,
  app_id bigint not null,
  sender_id bigint not null,
  started_at timestamptz not null,
  finished_at timestamptz not null,
  outcome text not null check (outcome in
    ('accepted', 'deferred', 'rejected', 'unclear', 'crash', 'lease_lost')),
  code text,
  detail text,
  retry_at timestamptz,
  provider_message_id text,
  node uuid,
  primary key (message_id, attempt)
);
create index attempts_provider_message on attempts (sender_id, provider_message_id)
  where provider_message_id is not null;

-- Joined when the id becomes known, dropped after 72 hours.
create table orphan_receipts (
  sender_id bigint not null,
  provider_message_id text not null,
  kind text not null check (kind in ('sent', 'failed', 'delivered', 'read')),
  at timestamptz not null,
  detail text,
  received_at timestamptz not null default now(),
  primary key (sender_id, provider_message_id, kind)
);
create index orphan_receipts_age on orphan_receipts (received_at);
