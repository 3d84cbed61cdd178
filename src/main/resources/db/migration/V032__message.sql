-- What was sent by an attempt before it was moved to a later time was sent before it is due.
create or replace view message_metrics as
  select app_id, message_id, sent_at, delivered_at, read_at,
         coalesce(provider_failed_at, case when dispatch in ('failed', 'dead') then ended_at end)
           as failed_at,
         case when sent_at is not null
              then (extract(epoch from greatest(interval '0', sent_at - greatest(created_at, scheduled_for)))
                    * 1000)::bigint end
           as processing_time_ms
    from messages;
