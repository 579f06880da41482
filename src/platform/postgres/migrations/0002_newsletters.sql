create table newsletters (
  id bigint generated always as identity primary key,
  slug text not null unique check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and length(slug) <= 60),
  name text not null check (length(name) between 1 and 120),
  description text not null default '',
  locale text not null default 'en',
  is_public boolean not null default true,
  -- Null: the default of the environment (MAIL_FROM, POSTAL_ADDRESS).
  from_name text,
  from_address text,
  reply_to text,
  postal_address text,
  imprint_url text,
  cron text not null default '0 8 * * 1',
  time_zone text not null default 'UTC',
  -- Null: the newsletter has no schedule. Advanced in the transaction that inserts the issue.
  next_run_at timestamptz,
  -- The next issue takes what was first seen after this moment.
  cutoff_at timestamptz not null,
  max_per_section smallint not null default 5 check (max_per_section between 1 and 50),
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index newsletters_due on newsletters (next_run_at) where next_run_at is not null;

create table newsletter_sections (
  id bigint generated always as identity primary key,
  newsletter_id bigint not null references newsletters on delete cascade,
  slug text not null check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and length(slug) <= 60),
  name text not null check (length(name) between 1 and 120),
  position smallint not null,
  max_items smallint check (max_items between 1 and 50),
  unique (newsletter_id, slug)
);

create table proofreaders (
  newsletter_id bigint not null references newsletters on delete cascade,
  address text not null,
  address_key text not null,
  added_at timestamptz not null,
  primary key (newsletter_id, address_key)
);
