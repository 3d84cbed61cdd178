-- Owned by live: a ticket ends what it opened when the key that it was asked for with ends.
alter table live_tickets add column kid text;   -- null: the operator's
