-- What was sent by an attempt before it was moved to a later time was sent before it is due.
create or replace view message_metrics as
  select app_id, message_id, sent_at, delivered_at, read_at,
         coalesce(provider_failed_at, case when dispatch in ('failed', 'dead') then ended_at end)
           as failed_at,
         greatest(0, (extract(epoch from sent_at - greatest(created_at, scheduled_for)) * 1000)::bigint)
           as processing_time_ms
    from messages;
