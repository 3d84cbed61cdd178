-- Owned by webhook. What a run of deliveries came to is one row, as the events it delivers are: an index
-- entry for each delivery cost more than all else that is written for it.
set local statement_timeout = 0; -- as long as it takes
create table delivery_runs (
  run_id bigint generated always as identity primary key,
  endpoint_id bigint not null,
  at timestamptz not null,          -- of the last of them
  refused boolean not null,         -- whether that one was; none before it was, or the run had ended
  deliveries text not null          -- JSON: webhook/DeliveryStore
);
create index delivery_runs_endpoint on delivery_runs (endpoint_id, run_id);
create index delivery_runs_refused on delivery_runs (endpoint_id, run_id) where refused;

lock table deliveries in share row exclusive mode;
insert into delivery_runs (endpoint_id, at, refused, deliveries)
select endpoint_id, at, code <> 'delivered',
       json_build_array(json_build_array(
         seq, event_type, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), status, code,
         took_ms, excerpt))::text
  from deliveries
 order by delivery_id;
drop table deliveries;
