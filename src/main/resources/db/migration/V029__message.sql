-- Owned by message. A campaign that was resumed kept its row for ever; a row is a pause, or the end of one.
delete from campaigns where paused_at is null and not waking;
