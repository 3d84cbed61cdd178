-- Owned by app. For others to join: by which provider a sender sends, deleted or not. An application
-- may have deleted any number of them, too many to hand over one by one.
create view sender_providers as select app_id, sender_id, provider from senders;
