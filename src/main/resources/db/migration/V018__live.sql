-- Owned by live: tickets that open one WebSocket each; a row until it is used, or swept up.
create table live_tickets (
  hash bytea primary key,           -- an HMAC of the ticket
  app_id bigint not null,
  expires_at timestamptz not null
);
create index live_tickets_expired on live_tickets (expires_at);
