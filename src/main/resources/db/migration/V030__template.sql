-- Owned by template. Which version was the published one when this one took its place: what a rollback goes
-- back to. The highest below it may be one that was rolled back itself.
alter table template_versions add column replaces integer;
