-- Owned by message. Dead letters are found by what ended or was reported as failed, not by reading all of an
-- application's messages. Neither column changes on the way of a message that gets through, so its
-- updates stay on their page.
set local statement_timeout = 0; -- as long as it takes
create index messages_ended on messages (app_id, message_id)
 where ended_at is not null or provider_failed_at is not null;
