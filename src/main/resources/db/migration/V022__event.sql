-- Owned by event. Within an application time rises with the numbers: this one finds a time, and what
-- is too old. (A block range that is filled again keeps its old bounds.)
set local statement_timeout = 0; -- as long as it takes
create index event_batches_app_at on event_batches (app_id, at);
drop index event_batches_at;
