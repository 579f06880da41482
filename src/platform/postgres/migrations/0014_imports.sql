-- Which file brought which subscribers, and who said so.
create table imports (
  id bigint generated always as identity primary key,
  file_name text not null,
  -- SHA-256 of the file, once it was read to its end: the publisher keeps the file, this tells that it is the same.
  file_hash bytea,
  -- 'cli', 'admin:<id>', 'token:<id>'
  actor text not null,
  started_at timestamptz not null,
  finished_at timestamptz,
  -- How many rows ended how.
  counts jsonb not null default '{}'
);

-- What an importer says the consent rests on. Its digest is in the record (details.evidenceDigest), as with the other values.
alter table consent_personal add column evidence text, add column evidence_salt bytea;
