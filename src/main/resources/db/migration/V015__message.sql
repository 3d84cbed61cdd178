-- What a message was rendered from: name, version and locale of a template.
alter table messages add column template text;
