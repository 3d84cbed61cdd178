-- Whose clock quiet hours are kept by, what passes them, and what belongs together.

alter table messages
  add column message_class text not null default 'standard'
    check (message_class in ('standard', 'otp')),
  add column recipient_zone text,
  add column campaign_id text;

create index messages_campaign on messages (app_id, campaign_id, message_id)
  where campaign_id is not null;

-- A row once somebody has paused it; a campaign needs none to be counted.
create table campaigns (
  app_id bigint not null,
  campaign_id text not null,
  paused_at timestamptz,
  waking boolean not null default false,   -- resumed; CampaignLoop ends what a dead node began
  primary key (app_id, campaign_id)
);
