-- Owned by ratelimit: the state of the token buckets, kept by Bucket4j. A row once a limit was used.
create table rate_limits (
  id bigint primary key,
  state bytea,
  expires_at bigint                 -- milliseconds since 1970: then the bucket is full again
);
create index rate_limits_expired on rate_limits (expires_at);
