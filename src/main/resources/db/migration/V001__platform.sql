-- Owned by platform: the seal of the master key, idempotency keys, message ids.

-- One row, sealed with the master key: a start with another key is refused before it does harm.
create table master_key_marker (
  only_row boolean primary key default true check (only_row),
  sealed bytea not null
);

-- The same key within a day has the same effect and the same answer. Not partitioned: uniqueness
-- must hold over all of it. Purged by IdempotencyPruneLoop.
create table idempotency_keys (
  scope bigint not null,            -- the application, or 0 for the operator
  key text not null,
  fingerprint bytea not null,       -- SHA-256 of method, route and raw body
  status smallint not null,
  location text,
  body bytea not null,              -- the answer's body; sealed where it holds a secret
  created_at timestamptz not null default now(),
  primary key (scope, key)
);
create index idempotency_keys_age on idempotency_keys using brin (created_at);

-- Each node takes ids in blocks of a thousand, without a round trip a message. Below 2^53.
create sequence message_ids as bigint increment by 1000 minvalue 1 maxvalue 9007199254739991;
