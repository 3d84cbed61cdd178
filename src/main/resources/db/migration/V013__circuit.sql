-- Owned by circuit: what people ordered of senders' circuits, and what nodes report of them.

create table circuit_orders (
  sender_id bigint primary key,
  forced text check (forced in ('open', 'closed')),   -- null: closed then, and by itself since
  ordered_at timestamptz not null
);

-- A row while a circuit is not closed on a node, repeated every few seconds.
create table circuits (
  sender_id bigint not null,
  node uuid not null,
  state text not null check (state in ('open', 'half_open')),
  since timestamptz not null,
  until timestamptz not null,
  code text not null,                -- of the answer that opened it
  openings integer not null,
  seen_at timestamptz not null,
  primary key (sender_id, node)
);
