-- Values that are kept for nothing but the defence against a legal claim (GDPR 17(3)(e), 18): shown in the evidence only.
alter table consent_personal add column restricted_at timestamptz;

-- Who was erased and yet has evidence that must outlive it, found by nothing but the keyed hash of the address. Persons who never
-- consented leave no row here. Deleted when the evidence is.
create table erasures (
  subscriber_id bigint primary key,
  address_hash bytea not null,
  address_hash_key_id smallint not null,
  erased_at timestamptz not null,
  -- The end of the third year after the last withdrawal: the period within which claims may come.
  evidence_until timestamptz not null
);
create index erasures_address_hash on erasures (address_hash);
create index erasures_evidence_until on erasures (evidence_until);

-- The relay's words when it took a confirmation mail name it in the relay's own log.
alter table delivery_events drop constraint delivery_events_event_check;
alter table delivery_events add constraint delivery_events_event_check check (event in
  ('accepted', 'deferred', 'rejected', 'ambiguous', 'late_accepted', 'resolved', 'lease_lost'));
