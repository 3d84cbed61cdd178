-- Owned by schedule: messages that are sent again and again, by a rule.

create table schedules (
  schedule_id bigint generated always as identity primary key,
  app_id bigint not null references applications,
  schedule_name text not null,
  cron text not null,
  time_zone text not null,
  message text not null,            -- JSON, as it was asked for
  starts_at timestamptz,
  ends_at timestamptz,
  paused_at timestamptz,
  next_at timestamptz,              -- the next date of the rule; null when there is none
  fired bigint not null default 0,
  missed bigint not null default 0, -- dates that came too late to be of use
  last_fired_at timestamptz,        -- the newest date that was sent
  last_message_id bigint,
  last_error text,                  -- why the newest date could not be sent; null when it could
  created_at timestamptz not null default now(),
  deleted_at timestamptz
);
create unique index schedules_name on schedules (app_id, schedule_name) where deleted_at is null;
