-- How the issues of a newsletter come about. A newsletter without a row has the defaults.
create table digest_rules (
  newsletter_id bigint primary key references newsletters on delete cascade,
  -- required: every issue waits for an editor.
  approval text not null default 'automatic' check (approval in ('automatic', 'required')),
  -- The issue is built this long before its time, so that editors can work on it.
  prepare_hours smallint not null default 0 check (prepare_hours between 0 and 168),
  -- What becomes of an issue that still waits when its time has come.
  deadline_policy text not null default 'wait' check (deadline_policy in ('send', 'wait', 'drop')),
  notify_editors boolean not null default true,
  -- With fewer articles there is no issue.
  min_articles smallint not null default 1 check (min_articles between 1 and 50),
  -- A thinner issue is filled up to this many with earlier articles that had no room; 0: never.
  fill_to smallint not null default 0 check (fill_to between 0 and 50),
  -- An issue that is overdue by more than this, after a downtime, waits for an editor.
  catch_up_hours smallint not null default 24 check (catch_up_hours between 1 and 720),
  layout text not null default 'edition' check (layout in ('edition', 'plain')),
  -- Markdown, for the next issue alone: taken by the issue that is built.
  next_intro text check (length(next_intro) <= 5000),
  -- Added to links to these hosts and their subdomains.
  utm_source text check (length(utm_source) between 1 and 100),
  utm_medium text check (length(utm_medium) between 1 and 100),
  utm_hosts text[] not null default '{}',
  archive_indexable boolean not null default true,
  updated_at timestamptz not null
);

-- What a publisher's mails and archive pages look like. A newsletter without a row has ours.
create table newsletter_brands (
  newsletter_id bigint primary key references newsletters on delete cascade,
  logo_url text check (length(logo_url) <= 2000),
  logo_alt text not null default '' check (length(logo_alt) <= 200),
  logo_width smallint check (logo_width between 40 and 552),
  accent_color text check (accent_color ~ '^#[0-9a-f]{6}$'),
  background_color text check (background_color ~ '^#[0-9a-f]{6}$'),
  font text not null default 'serif' check (font in ('serif', 'sans')),
  footer_text text check (length(footer_text) <= 1000),
  updated_at timestamptz not null
);

alter table newsletter_sections
  add column min_items smallint check (min_items between 1 and 50),
  add column ranking text not null default 'newest' check (ranking in ('newest', 'weight', 'spread'));

alter table feeds
  add column weight smallint not null default 0 check (weight between -10 and 10),
  -- How long to the next poll when all goes well; follows how often the feed has news.
  add column poll_every_seconds integer not null default 900 check (poll_every_seconds between 60 and 86400);

alter table articles
  add column is_pinned boolean not null default false,
  add column weight smallint not null default 0 check (weight between -10 and 10),
  add column categories text[] not null default '{}',
  add column image_width integer,
  add column image_height integer,
  -- Chosen by a person: no rule and no feed moves it.
  add column section_is_chosen boolean not null default false,
  -- Edited by a person, or given by the API: a feed no longer changes its words.
  add column is_edited boolean not null default false,
  -- Taken out by a person. The row stays, never eligible, so that its feed does not bring it back.
  add column removed_at timestamptz check (removed_at is null or not is_eligible);
create index articles_of_newsletter on articles (newsletter_id, id);
create index articles_of_feed on articles (feed_id, first_seen_at);

-- An article of this category, whatever its feed, goes into this section.
create table category_rules (
  id bigint generated always as identity primary key,
  newsletter_id bigint not null references newsletters on delete cascade,
  category text not null check (length(category) between 1 and 100),
  -- The category as it is compared.
  category_key text not null,
  section_id bigint not null references newsletter_sections on delete cascade,
  unique (newsletter_id, category_key)
);

-- What came of asking a feed; the newest of each feed are kept.
create table feed_polls (
  id bigint generated always as identity primary key,
  feed_id bigint not null references feeds on delete cascade,
  polled_at timestamptz not null,
  outcome text not null check (outcome in ('read', 'not_modified', 'failed')),
  item_count integer,
  new_count integer,
  warning_count integer,
  code text,
  message text,
  took_ms integer not null
);
create index feed_polls_feed on feed_polls (feed_id, id);

alter table issues
  -- Why it waits for approval: the first of its newsletter, by rule, or because it is overdue.
  add column waits_because text check (waits_because in ('first', 'required', 'overdue')),
  -- Counts the editors' changes, so that none is lost to a second tab.
  add column revision integer not null default 0,
  -- What was left out or odd, for the editors: [{code, message, articleId?}].
  add column remarks jsonb not null default '[]',
  -- The slower frequencies whose readers get their digest with this issue.
  add column closes_frequencies text[] not null default '{}',
  add column editors_notified_at timestamptz;
create index issues_waiting on issues (period_at) where status = 'awaiting_approval';

-- What an admin was told about the clock's work. Whether it still holds is told by newsletters, issues and campaigns themselves.
create table issue_alerts (
  id bigint generated always as identity primary key,
  newsletter_id bigint not null references newsletters on delete cascade,
  issue_id bigint references issues on delete cascade,
  period_at timestamptz not null,
  kind text not null check (kind in ('late', 'skipped', 'short', 'left_out')),
  -- What exactly, and the numbers and names of its words in any language.
  code text not null,
  facts jsonb not null default '{}',
  raised_at timestamptz not null,
  mailed_at timestamptz,
  -- An admin has seen it and needs no banner any more.
  dismissed_at timestamptz,
  unique (newsletter_id, kind, period_at)
);
create index issue_alerts_unmailed on issue_alerts (raised_at) where mailed_at is null;

-- One mail to one admin about issues. Its id is the cause of the delivery.
create table admin_notices (
  id bigint primary key default nextval('cause_ids'),
  admin_id bigint not null references admins on delete cascade,
  created_at timestamptz not null
);
create index admin_notices_admin on admin_notices (admin_id);
