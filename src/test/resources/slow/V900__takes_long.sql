-- As one that builds an index on a big table does.
set local statement_timeout = 0;
select pg_sleep(6);
