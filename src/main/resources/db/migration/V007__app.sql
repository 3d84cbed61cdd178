-- What an application and a sender may do, when and how fast; and whether they rest.

alter table applications
  add column policy text not null default '{}',   -- JSON: app/AppPolicy
  add column paused_at timestamptz;

alter table senders
  add column policy text not null default '{}',   -- JSON: app/SenderPolicy
  add column paused_at timestamptz;

create index applications_paused on applications (app_id) where paused_at is not null;
create index senders_policies on senders (sender_id) where policy <> '{}';
create index senders_paused on senders (sender_id) where paused_at is not null;
