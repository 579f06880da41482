-- What a new version means for those who have accepted an earlier one. A privacy notice informs; nobody consents to it.
alter table legal_documents
  add column change text not null default 'editorial' check (change in ('editorial', 'notice', 'acceptance')),
  add constraint legal_documents_acceptance check (change <> 'acceptance' or kind = 'terms');

-- A version may be published from a day to come, and taken back until then. Its row stays: versions are append-only.
create table legal_withdrawals (
  document_id bigint primary key references legal_documents,
  withdrawn_at timestamptz not null,
  withdrawn_by text not null
);

create function refuse_late_withdrawal() returns trigger language plpgsql as $$
begin
  if (select published_at from legal_documents where id = new.document_id) <= new.withdrawn_at then
    raise exception 'legal document % has taken effect and stays', new.document_id using errcode = 'restrict_violation';
  end if;
  return new;
end
$$;
create trigger legal_withdrawals_in_time before insert on legal_withdrawals
  for each row execute function refuse_late_withdrawal();
create trigger legal_withdrawals_append_only before update or delete on legal_withdrawals
  for each row execute function refuse_change();
create trigger legal_withdrawals_no_truncate before truncate on legal_withdrawals
  for each statement execute function refuse_change();

-- One draft for each text and language. Revisions come from one sequence, so that none returns when a draft is deleted
-- and written anew: whoever saves names the revision that they saw.
create sequence legal_draft_revisions as bigint;
create table legal_drafts (
  kind text not null check (kind in ('terms', 'privacy')),
  locale text not null,
  title text not null,
  markdown text not null,
  revision bigint not null default nextval('legal_draft_revisions'),
  created_at timestamptz not null,
  updated_at timestamptz not null,
  -- 'admin:<id>', 'token:<id>', 'cli'
  updated_by text not null,
  primary key (kind, locale)
);

-- The line "we have changed our terms": in exactly one issue of each newsletter.
create table legal_notices (
  document_id bigint not null references legal_documents,
  newsletter_id bigint not null references newsletters on delete cascade,
  issue_id bigint not null references issues on delete cascade,
  primary key (document_id, newsletter_id)
);
create index legal_notices_issue on legal_notices (issue_id);

-- The version of the terms that each subscriber accepted last. Read off the consent records as they are written, so that
-- "who accepted which" is answered without reading the ledger; the records stay the proof.
create table legal_acceptances (
  subscriber_id bigint primary key references subscribers on delete cascade,
  document_id bigint not null references legal_documents,
  -- The record in which it was declared.
  record_id bigint not null references consent_records,
  accepted_at timestamptz(3) not null
);
create index legal_acceptances_document on legal_acceptances (document_id, subscriber_id);

-- A request counts once its address is confirmed: until then a stranger may have typed it.
create function note_legal_acceptance() returns trigger language plpgsql as $$
begin
  insert into legal_acceptances (subscriber_id, document_id, record_id, accepted_at)
  select s.id, declared.terms_document_id, declared.id, declared.occurred_at
  from subscribers s
  join lateral (
    select r.id, r.terms_document_id, r.occurred_at from consent_records r
    where r.subscriber_id = s.id and r.terms_document_id is not null
      and (r.id = new.id or (r.action = 'requested' and r.signup_request_id = new.signup_request_id))
    order by r.id limit 1
  ) declared on true
  where s.id = new.subscriber_id
  on conflict (subscriber_id) do update
    set document_id = excluded.document_id, record_id = excluded.record_id, accepted_at = excluded.accepted_at
    where (legal_acceptances.accepted_at, legal_acceptances.record_id) < (excluded.accepted_at, excluded.record_id);
  return null;
end
$$;
create trigger consent_records_acceptance after insert on consent_records for each row
  when (new.action in ('granted', 'renewed', 'changed')
    and (new.terms_document_id is not null or new.signup_request_id is not null))
  execute function note_legal_acceptance();
