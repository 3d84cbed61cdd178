-- Sending again what failed, in bulk: one row for each order to do so, with its progress.

create table redrives (
  redrive_id bigint generated always as identity primary key,
  app_id bigint not null,
  filter text not null,             -- JSON: message/DeadFilter.Document
  state text not null default 'running' check (state in ('running', 'done', 'canceled')),
  upto bigint not null,             -- nothing newer than this is redriven
  progress bigint not null default 0, -- the newest message that was looked at
  total bigint not null,            -- how many there were when it began
  redriven bigint not null default 0,
  skipped bigint not null default 0,
  correlation_id text not null,
  created_at timestamptz not null default now(),
  ended_at timestamptz
);
create index redrives_app on redrives (app_id, redrive_id);

-- Whether a message has been sent again. Neither column ever changes, so that updates of messages
-- stay on their page.
create index messages_retry_of on messages (app_id, retry_of) where retry_of is not null;
