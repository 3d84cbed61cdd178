-- Owned by message. A template that WhatsApp has approved: its name and parameters are JSON in
-- message_content.
alter table messages drop constraint messages_message_type_check;
alter table messages add constraint messages_message_type_check
  check (message_type in ('text', 'image', 'file', 'whatsapp_template')) not valid;
