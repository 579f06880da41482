-- Every wording that was ever shown, once.
create table consent_texts (
  hash bytea primary key,
  text text not null,
  locale text not null,
  created_at timestamptz not null
);

create table legal_documents (
  id bigint generated always as identity primary key,
  kind text not null check (kind in ('terms', 'privacy')),
  locale text not null,
  version integer not null check (version > 0),
  title text not null,
  markdown text not null,
  -- SHA-256 of the Markdown, UTF-8.
  hash bytea not null,
  is_sample boolean not null,
  published_at timestamptz not null,
  unique (kind, locale, version)
);

-- One row per declaration of will about one purpose. Holds no personal value, only salted digests.
create table consent_records (
  id bigint generated always as identity primary key,
  action text not null check (action in
    ('requested', 'confirmation_sent', 'granted', 'withdrawn', 'renewed', 'changed', 'expired', 'erased')),
  purpose text not null check (purpose in ('newsletter', 'tracking')),
  -- No foreign keys to people: the record outlives them.
  subscriber_id bigint not null,
  newsletter_id bigint,
  signup_request_id bigint,
  delivery_id bigint,
  -- The three declarations, each with the wording as shown. Terms and privacy are never part of the consent.
  consent_text bytea references consent_texts,
  terms_text bytea references consent_texts,
  privacy_text bytea references consent_texts,
  terms_document_id bigint references legal_documents,
  privacy_document_id bigint references legal_documents,
  -- True when a caller of the API says what it showed; false when our own form did.
  is_asserted_by_caller boolean not null default false,
  method text not null check (method in ('unticked-box', 'button', 'link', 'one-click', 'api', 'import', 'admin', 'system')),
  form_id text,
  form_version text,
  locale text,
  page_url text,
  -- 'subscriber', 'admin:<id>', 'token:<id>', 'cli', 'system'
  actor text not null,
  occurred_at timestamptz(3) not null,
  address_digest bytea,
  ip_digest bytea,
  agent_digest bytea,
  details jsonb not null default '{}'
);
create index consent_records_subscriber on consent_records (subscriber_id, id);

-- The values behind the digests; retention and erasure delete here.
create table consent_personal (
  record_id bigint primary key references consent_records,
  address text,
  address_salt bytea,
  ip text,
  ip_salt bytea,
  agent text,
  agent_salt bytea
);

-- The hash chain. Written by one sealer under an advisory lock, so that signups are not serialised.
create table consent_seals (
  id bigint generated always as identity primary key,
  previous_hash bytea not null,
  -- SHA-256 over the record hashes in the order of their entries.
  root bytea not null,
  record_count integer not null check (record_count > 0),
  -- The highest record id sealed so far, here or earlier.
  max_record_id bigint not null,
  sealed_at timestamptz(3) not null,
  hash bytea not null unique
);

create table consent_seal_entries (
  record_id bigint primary key references consent_records,
  seal_id bigint not null references consent_seals,
  position integer not null,
  record_hash bytea not null,
  unique (seal_id, position)
);

do $$
declare
  append_only text;
begin
  foreach append_only in array
    array['consent_texts', 'legal_documents', 'consent_records', 'consent_seals', 'consent_seal_entries']
  loop
    execute format(
      'create trigger %1$s_append_only before update or delete on %1$s for each row execute function refuse_change()',
      append_only);
    execute format(
      'create trigger %1$s_no_truncate before truncate on %1$s for each statement execute function refuse_change()',
      append_only);
  end loop;
end
$$;
