-- Owned by webhook. A block range that is filled again keeps its old bounds, and was read each time
-- for what is older; the numbers tell that, too.
set local statement_timeout = 0; -- as long as it takes
create index deliveries_failed on deliveries (endpoint_id, delivery_id) where code <> 'delivered';
drop index deliveries_at;
