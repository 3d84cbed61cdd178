-- Owned by message: what was accepted, where it stands, and how it got there.
--
-- No foreign keys from here: applications and senders are never deleted, only marked, and a key
-- check a row would cost more than the row (docs/adr/0006).

create table messages (
  app_id bigint not null,
  message_id bigint not null,
  sender_id bigint not null,
  recipient text not null,
  message_type text not null check (message_type in ('text', 'image', 'file')),
  message_content text,
  subject text,
  html text,
  media_url text,
  media_data bytea,
  media_type text,
  media_name text,
  metadata text,                    -- the caller's JSON, returned as it came
  priority smallint not null check (priority between 0 and 3),
  hold boolean not null,            -- on_ambiguous=hold
  max_attempts integer not null,
  expires_at timestamptz not null,
  scheduled_for timestamptz,
  correlation_id text not null,
  traceparent text,
  retry_of bigint,
  created_at timestamptz not null default now(),

  dispatch text not null check (dispatch in
    ('scheduled', 'queued', 'sending', 'uncertain',
     'handed_off', 'failed', 'expired', 'canceled', 'dead')),
  version integer not null,        -- of the newest log row; contiguous from 1
  attempts integer not null,
  provider_message_id text,
  code text,                        -- of the last answer that was not an acceptance
  detail text,
  sent_at timestamptz,
  provider_failed_at timestamptz,
  delivered_at timestamptz,
  read_at timestamptz,
  parked_at timestamptz,            -- became uncertain
  ended_at timestamptz,             -- failed, expired, canceled, dead

  primary key (app_id, message_id)
) with (
  -- Room on the page for the two or three updates a message gets: none of them touches an index, and
  -- the next reader of the page tidies up after them.
  fillfactor = 80
);
create index messages_recipient on messages (app_id, recipient, message_id);
create index messages_correlation on messages (app_id, correlation_id);

-- The public word for a message's standing, from its two axes. message/MessageStatus is the same
-- table in Java, and a test holds them together.
create function message_status(
  dispatch text, provider_failed_at timestamptz, delivered_at timestamptz, read_at timestamptz
) returns text language sql immutable as $$
  select case
    when read_at is not null then 'read'
    when delivered_at is not null then 'delivered'
    when dispatch = 'handed_off' then
      case when provider_failed_at is not null then 'failed' else 'sent' end
    when dispatch = 'queued' then 'pending'
    when dispatch = 'dead' then 'failed'
    else dispatch
  end
$$;

-- The append-only audit trail: one row for each change of a message, written with it. No bodies.
create table message_logs (
  message_id bigint not null,
  version integer not null,
  app_id bigint not null,
  at timestamptz not null,
  event text not null,
  dispatch_from text,
  dispatch_to text not null,
  status text not null,             -- the public status after it
  attempt integer,
  code text,
  detail text,
  primary key (message_id, version)
);

-- The brief's timings of a message, read from the message itself.
create view message_metrics as
  select app_id, message_id, sent_at, delivered_at, read_at,
         coalesce(provider_failed_at, case when dispatch in ('failed', 'dead') then ended_at end)
           as failed_at,
         (extract(epoch from sent_at - greatest(created_at, scheduled_for)) * 1000)::bigint
           as processing_time_ms
    from messages;
