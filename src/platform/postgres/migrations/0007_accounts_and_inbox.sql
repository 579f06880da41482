create table admins (
  id bigint generated always as identity primary key,
  address text not null,
  address_key text not null unique,
  name text,
  -- argon2id in PHC form; null until the set-up link was used.
  password_hash text,
  time_zone text,
  -- When the owner of the address proved it; test mails go only to verified addresses.
  verified_at timestamptz,
  created_at timestamptz not null
);

-- One-time links to /admin/setup: hashed at rest, die on use.
create table setup_tokens (
  token_hash bytea primary key,
  -- Null: for the first admin, whoever opens it.
  admin_id bigint references admins on delete cascade,
  created_at timestamptz not null,
  expires_at timestamptz not null
);

create table admin_verifications (
  id bigint primary key default nextval('cause_ids'),
  admin_id bigint not null references admins on delete cascade,
  address text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null
);

create table admin_sessions (
  token_hash bytea primary key,
  admin_id bigint not null references admins on delete cascade,
  created_at timestamptz not null,
  last_seen_at timestamptz not null,
  expires_at timestamptz not null
);

create table api_tokens (
  id bigint generated always as identity primary key,
  name text not null,
  -- The first characters, to tell tokens apart in a list.
  prefix text not null,
  token_hash bytea not null unique,
  scopes text[] not null check (cardinality(scopes) > 0),
  created_by text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  last_used_at timestamptz,
  revoked_at timestamptz
);

-- Failed logins per account and per network, keyed by hash.
create table login_failures (
  key_hash bytea primary key,
  failures integer not null,
  last_failure_at timestamptz not null
);

-- The local inbox: what its SMTP listener took.
create table inbox_mails (
  id bigint generated always as identity primary key,
  received_at timestamptz not null,
  envelope_from text not null,
  envelope_to text[] not null,
  subject text not null,
  from_text text not null,
  message_id text,
  raw bytea not null
);
