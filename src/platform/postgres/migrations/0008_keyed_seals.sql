-- Seals carry a MAC and the list of their records (docs/decisions/0008). No version with unkeyed seals was ever released: what
-- exists is sealed anew by the sealer, which finds every record without an entry.
alter table consent_seals disable trigger user;
alter table consent_seal_entries disable trigger user;
truncate consent_seals, consent_seal_entries;
alter table consent_seals enable trigger user;
alter table consent_seal_entries enable trigger user;

alter table consent_seals
  -- In the order of their entries. Part of the hash, so that a record that is gone can still be named.
  add column record_ids bigint[] not null,
  -- HMAC-SHA256 of the hash under a subkey of SECRET_KEY: the chain cannot be made again by somebody who has the database only.
  add column mac bytea not null,
  add column mac_key_id smallint not null,
  add check (cardinality(record_ids) = record_count);

-- What tells a value that was erased from one that was removed.
create index consent_records_erased on consent_records (subscriber_id) where action = 'erased';

-- The mail as sent and its result, once for each result.
create unique index consent_records_confirmation on consent_records (delivery_id, (details ->> 'outcome'), newsletter_id)
  where action = 'confirmation_sent';
create index deliveries_confirmations_failed on deliveries (settled_at)
  where kind = 'confirm' and state in ('rejected', 'suppressed', 'ambiguous');
