create table feeds (
  id bigint generated always as identity primary key,
  newsletter_id bigint not null references newsletters on delete cascade,
  section_id bigint not null references newsletter_sections,
  url text not null,
  title text,
  is_sample boolean not null default false,
  etag text,
  last_modified text,
  added_at timestamptz not null,
  first_polled_at timestamptz,
  last_polled_at timestamptz,
  last_success_at timestamptz,
  next_poll_at timestamptz not null,
  status text not null default 'new' check (status in ('new', 'ok', 'failing')),
  -- Stable code of the last failure, and its words for the admin.
  failure_code text,
  failure_message text,
  failure_count integer not null default 0,
  unique (newsletter_id, url)
);
create index feeds_due on feeds (next_poll_at);

create table articles (
  id bigint generated always as identity primary key,
  newsletter_id bigint not null references newsletters on delete cascade,
  section_id bigint not null references newsletter_sections,
  -- Null: added by hand or API, or the feed is gone.
  feed_id bigint references feeds on delete set null,
  url text not null,
  title text not null,
  summary_text text not null default '',
  author text,
  source_name text,
  image_url text,
  image_alt text,
  language text,
  word_count integer,
  published_at timestamptz,
  first_seen_at timestamptz not null,
  -- False for the older items of a feed's first poll: they are known, but never sent.
  is_eligible boolean not null default true,
  is_sample boolean not null default false
);
create index articles_for_issue on articles (newsletter_id, first_seen_at) where is_eligible;

-- One article once, whatever the feed does to its GUID or address (T9): SHA-256 of 'url:', 'guid:' and 'content:' keys.
create table article_keys (
  newsletter_id bigint not null references newsletters on delete cascade,
  key bytea not null,
  article_id bigint not null references articles on delete cascade,
  primary key (newsletter_id, key)
);
create index article_keys_article on article_keys (article_id);

create table issues (
  id bigint generated always as identity primary key,
  newsletter_id bigint not null references newsletters on delete cascade,
  kind text not null check (kind in ('scheduled', 'extra')),
  -- The scheduled moment the issue is for; for an extra issue the moment it was asked for.
  period_at timestamptz not null,
  -- Null for skipped issues: readers count what they got.
  number integer,
  status text not null check (status in ('awaiting_approval', 'approved', 'skipped', 'dropped')),
  from_at timestamptz not null,
  cutoff_at timestamptz not null,
  title text not null,
  -- What the mail and the archive show, frozen when the issue was built.
  content jsonb not null,
  created_at timestamptz not null,
  decided_at timestamptz,
  published_at timestamptz,
  unique (newsletter_id, kind, period_at),
  unique (newsletter_id, number)
);

create table issue_articles (
  issue_id bigint not null references issues on delete cascade,
  article_id bigint not null references articles,
  newsletter_id bigint not null,
  section_id bigint not null,
  position smallint not null,
  primary key (issue_id, article_id),
  -- Never in two issues of one newsletter.
  unique (newsletter_id, article_id)
);
