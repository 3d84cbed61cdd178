-- Owned by platform. A block range that is filled again keeps its old bounds: after a day all of the table was
-- read each time for what is older.
set local statement_timeout = 0; -- as long as it takes
create index idempotency_keys_created on idempotency_keys (created_at);
drop index idempotency_keys_age;
