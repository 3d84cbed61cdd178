-- Owned by message. Room on the page for a second version of each of its rows: those of one commit
-- are updated by one commit a moment later, before anybody could tidy up between. With less, two of
-- three updates went to another page and wrote every index again.
alter table messages set (fillfactor = 50);
