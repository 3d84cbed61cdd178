-- Owned by queue. Who goes before a job in its order is asked for each that is claimed: by one index for
-- what waits, in that order, and one for what is claimed. With one for both, thousands of messages to one
-- recipient were all read for each of them.
set local statement_timeout = 0; -- as long as it takes
create index jobs_order_waiting on jobs (order_key, priority, ordered_at, id)
 where order_key <> 0 and token is null and attempt = 0 and run_at < 'infinity';
create index jobs_order_claimed on jobs (order_key) where order_key <> 0 and token is not null;
drop index jobs_order;
