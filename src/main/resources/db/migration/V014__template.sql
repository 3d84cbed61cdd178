-- Owned by template: the words of messages by name, and their versions.

create table templates (
  template_id bigint generated always as identity primary key,
  app_id bigint not null,
  template_name text not null,
  description text,
  published_version integer,        -- what messages are rendered from; null while there is none
  created_at timestamptz not null default now(),
  deleted_at timestamptz
);
create unique index templates_name on templates (app_id, template_name) where deleted_at is null;
create index templates_app on templates (app_id, template_id) where deleted_at is null;

create table template_versions (
  template_id bigint not null references templates,
  version integer not null,
  document text not null,           -- JSON: template/TemplateDocument
  created_at timestamptz not null default now(),
  published_at timestamptz,         -- null: the draft; nothing changes a version that has one
  primary key (template_id, version)
);
create unique index template_drafts on template_versions (template_id) where published_at is null;
