create table subscribers (
  id bigint generated always as identity primary key,
  -- As typed after validation: exactly what goes to RCPT TO.
  address text not null,
  -- NFC, folded case, A-label domain: decides uniqueness.
  address_key text not null unique,
  -- HMAC(suppression key, address_key) and the key it was made with.
  address_hash bytea not null,
  address_hash_key_id smallint not null,
  name text,
  locale text,
  time_zone text,
  created_at timestamptz not null
);
create index subscribers_address_hash on subscribers (address_hash);

create table subscriptions (
  id bigint generated always as identity primary key,
  subscriber_id bigint not null references subscribers on delete cascade,
  newsletter_id bigint not null references newsletters,
  status text not null check (status in ('pending', 'active', 'unsubscribed')),
  requested_at timestamptz not null,
  confirmed_at timestamptz,
  unsubscribed_at timestamptz,
  unique (newsletter_id, subscriber_id)
);
create index subscriptions_subscriber on subscriptions (subscriber_id);
create index subscriptions_active on subscriptions (newsletter_id, subscriber_id) where status = 'active';

create table signup_requests (
  id bigint primary key default nextval('cause_ids'),
  subscriber_id bigint not null references subscribers on delete cascade,
  -- Exactly these are granted by the confirmation.
  newsletter_ids bigint[] not null check (cardinality(newsletter_ids) > 0),
  -- Held here until the owner of the address confirms: a stranger's form never changes a subscriber.
  name text,
  locale text,
  time_zone text,
  status text not null default 'open' check (status in ('open', 'confirmed', 'refused', 'expired')),
  -- What the transactional lane decided to mail; null until it has.
  decision text check (decision in ('confirmation', 'already-subscribed', 'nothing')),
  requested_at timestamptz(3) not null,
  decided_at timestamptz,
  expires_at timestamptz not null,
  closed_at timestamptz(3),
  -- When the welcome mail of a confirmed request was planned.
  welcomed_at timestamptz
);
create index signup_requests_unwelcomed on signup_requests (id) where status = 'confirmed' and welcomed_at is null;
create index signup_requests_undecided on signup_requests (id) where decided_at is null;
create index signup_requests_subscriber on signup_requests (subscriber_id, id);
create index signup_requests_open on signup_requests (expires_at) where status = 'open';

create table unsubscribe_reasons (
  subscription_id bigint not null references subscriptions on delete cascade,
  given_at timestamptz not null,
  reason text not null check (reason in ('too-often', 'not-relevant', 'never-signed-up', 'other')),
  comment text check (length(comment) <= 1000),
  primary key (subscription_id, given_at)
);

create table suppressions (
  id bigint generated always as identity primary key,
  -- The only trace of an address that was erased.
  address_hash bytea not null,
  address_hash_key_id smallint not null,
  reason text not null check (reason in ('hard-bounce', 'complaint', 'manual', 'erasure')),
  -- Who or what asked for it: 'admin:<id>', 'cli', 'bounce', 'not-me' ...
  source text not null,
  created_at timestamptz not null,
  lifted_at timestamptz
);
create unique index suppressions_open on suppressions (address_hash, reason) where lifted_at is null;
