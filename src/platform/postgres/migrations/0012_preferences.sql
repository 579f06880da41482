-- Until then no campaign and no issue is mailed, and none of that time is mailed later. Ends by itself.
alter table subscriptions add column paused_until timestamptz;
-- A declaration of its own (purpose 'tracking'), off unless it was given.
alter table subscribers add column tracking_allowed boolean not null default false;

-- A fresh link to everything that a mail's own link may not do, and the visit that it opened. Kept for two days.
create table preference_links (
  id bigint primary key default nextval('cause_ids'),
  -- Null: nobody has the address that was typed. The row is written all the same, so that every answer costs the same.
  subscriber_id bigint references subscribers on delete cascade,
  requested_at timestamptz(3) not null,
  -- When the transactional lane decided whether a mail goes out; the link is alive from then to `expires_at`.
  decided_at timestamptz(3),
  expires_at timestamptz(3),
  used_at timestamptz(3),
  -- SHA-256 of the cookie's secret.
  session_hash bytea unique,
  session_expires_at timestamptz(3)
);
create index preference_links_undecided on preference_links (id) where decided_at is null;
create index preference_links_subscriber on preference_links (subscriber_id, id);
create index preference_links_requested on preference_links (requested_at);

-- A new address, to be confirmed at both ends. Kept for two days.
create table address_changes (
  -- The cause of the mail to the new address; the old one has a cause of its own.
  id bigint primary key default nextval('cause_ids'),
  old_cause_id bigint not null unique default nextval('cause_ids'),
  subscriber_id bigint not null references subscribers on delete cascade,
  new_address text not null,
  new_address_key text not null,
  new_address_hash bytea not null,
  new_address_hash_key_id smallint not null,
  status text not null default 'open' check (status in ('open', 'done', 'refused', 'replaced', 'taken')),
  requested_at timestamptz(3) not null,
  decided_at timestamptz(3),
  expires_at timestamptz(3) not null,
  -- The click at the new address, and the one at the old.
  confirmed_at timestamptz(3),
  agreed_at timestamptz(3),
  closed_at timestamptz(3)
);
create unique index address_changes_open on address_changes (subscriber_id) where status = 'open';
create index address_changes_undecided on address_changes (id) where decided_at is null;
create index address_changes_subscriber on address_changes (subscriber_id, id);
create index address_changes_new_address on address_changes (new_address_hash);
create index address_changes_requested on address_changes (requested_at);
