-- Owned by circuit.

-- Senders whose circuit is not closed on some node, as it was told to their applications: a row from
-- the event that says that it opened to the one that says that it closed.
create table circuit_outages (
  sender_id bigint primary key,
  since timestamptz not null,
  code text not null                 -- of the answer that opened it; or that a person did
);
