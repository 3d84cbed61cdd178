-- Owned by app: applications, their keys, their senders.

create table applications (
  app_id bigint generated always as identity primary key,
  app_name text not null,
  default_recipient text,
  created_at timestamptz not null default now(),
  deleted_at timestamptz
);
create unique index applications_name on applications (app_name) where deleted_at is null;

create table api_keys (
  key_id bigint generated always as identity primary key,
  app_id bigint not null references applications,
  kid text not null unique,         -- the public part of the key
  hash bytea not null,              -- HMAC-SHA-256 of the whole key, keyed from the master key
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz          -- to the minute
);
create index api_keys_app on api_keys (app_id);

create table senders (
  sender_id bigint generated always as identity primary key,
  app_id bigint not null references applications,
  provider text not null,
  address text,
  name text,
  settings text not null,           -- a JSON object of scalars
  credentials bytea,                -- sealed, bound to this row
  is_default boolean not null default false,
  trusted boolean not null,         -- set up by the operator: may reach private addresses
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz
);
create unique index senders_default on senders (app_id) where is_default and deleted_at is null;
create unique index senders_address on senders (app_id, provider, address) where deleted_at is null;
