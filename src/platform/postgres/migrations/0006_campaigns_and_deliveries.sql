-- A mail ready but for the reader: MJML is compiled once per variant. Immutable, found by hash.
create table compiled_mails (
  id bigint generated always as identity primary key,
  hash bytea not null unique,
  template text not null,
  -- The compiled message and the frozen head (From, Reply-To, List-Id ...), so that a retry is byte-identical.
  mail jsonb not null,
  created_at timestamptz not null
);

create table campaigns (
  id bigint generated always as identity primary key,
  kind text not null check (kind in ('campaign', 'issue')),
  newsletter_id bigint not null references newsletters,
  issue_id bigint unique references issues,
  subject text not null check (length(subject) between 1 and 500),
  preheader text,
  source_format text not null check (source_format in ('markdown', 'mjml', 'digest')),
  source text not null,
  status text not null check (status in ('draft', 'scheduled', 'sending', 'paused', 'sent', 'cancelled')),
  ambiguous_policy text not null default 'hold' check (ambiguous_policy in ('hold', 'resend')),
  compiled_mail_id bigint references compiled_mails,
  start_at timestamptz,
  -- When the audience was frozen, and how many it is.
  frozen_at timestamptz,
  audience_count integer,
  finished_at timestamptz,
  -- Why it stands still or could not start: a stable code and its words.
  stop_code text,
  stop_message text,
  created_by text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  check ((kind = 'issue') = (issue_id is not null)),
  check ((frozen_at is null) = (audience_count is null))
);
create index campaigns_scheduled on campaigns (start_at) where status = 'scheduled';
create index campaigns_open on campaigns (id) where status in ('sending', 'paused');

create table campaign_tests (
  id bigint primary key default nextval('cause_ids'),
  campaign_id bigint not null references campaigns on delete cascade,
  address text not null,
  requested_by text not null,
  requested_at timestamptz not null
);

-- A worker process and its lease. All rows it has claimed share this one lease: the heartbeat renews one row, not each
-- delivery, and a fenced worker can never renew (it registers again under a new id).
create table workers (
  id bigint generated always as identity primary key,
  host text not null,
  pid integer not null,
  started_at timestamptz not null,
  heartbeat_at timestamptz not null,
  lease_expires_at timestamptz not null,
  fenced_at timestamptz,
  -- Why the relay cannot be reached at the moment; shown by /readyz of every role.
  relay_error text
);
create index workers_live on workers (lease_expires_at) where fenced_at is null;

-- The ledger: one row is one mail to one address. Transitions are listed in src/deliveries/delivery.ts.
create table deliveries (
  id bigint generated always as identity primary key,
  kind text not null check (kind in ('campaign', 'issue', 'confirm', 'welcome', 'test', 'system')),
  lane text not null check (lane in ('transactional', 'campaigns', 'digests')),
  state text not null default 'planned' check (state in
    ('planned', 'claimed', 'dot_pending', 'accepted', 'deferred', 'rejected', 'suppressed', 'ambiguous', 'cancelled')),
  -- Copied when the row is made, so that a retry goes where the first try went.
  address text not null,
  key_id smallint not null,
  compiled_mail_id bigint not null references compiled_mails,
  campaign_id bigint references campaigns,
  -- No foreign keys to people: the row outlives them, and the gate fails closed when they are gone.
  subscriber_id bigint,
  newsletter_id bigint,
  cause_id bigint,
  attempt smallint not null default 0,
  -- Scheduling, reader-local time, send windows and retry backoff alike: a lane claims what is due.
  due_at timestamptz not null,
  give_up_at timestamptz not null,
  worker_id bigint,
  dot_at timestamptz,
  settled_at timestamptz,
  reply_code smallint,
  enhanced_code text,
  -- Stable code: why it is where it is.
  reason text,
  created_at timestamptz not null,
  check ((kind in ('campaign', 'issue')) = (campaign_id is not null)),
  check (kind in ('campaign', 'issue') or cause_id is not null),
  check (kind not in ('campaign', 'issue') or subscriber_id is not null)
);
create unique index deliveries_once_per_campaign on deliveries (campaign_id, subscriber_id) where campaign_id is not null;
create unique index deliveries_once_per_cause on deliveries (kind, cause_id) where campaign_id is null;
create index deliveries_due_of_campaign on deliveries (campaign_id, due_at)
  where state in ('planned', 'deferred') and campaign_id is not null;
create index deliveries_due_transactional on deliveries (due_at)
  where state in ('planned', 'deferred') and campaign_id is null;
create index deliveries_held on deliveries (worker_id) where state in ('claimed', 'dot_pending');
create index deliveries_ambiguous on deliveries (id) where state = 'ambiguous';
create index deliveries_subscriber on deliveries (subscriber_id, id);
-- Rows are made in the order of time, so a few kilobytes answer "the last ten days".
create index deliveries_created on deliveries using brin (created_at);

-- What happened on the way, apart from plain acceptance (which the row itself tells).
create table delivery_events (
  id bigint generated always as identity primary key,
  delivery_id bigint not null references deliveries on delete cascade,
  attempt smallint not null,
  event text not null check (event in
    ('deferred', 'rejected', 'ambiguous', 'late_accepted', 'resolved', 'lease_lost')),
  reply_code smallint,
  enhanced_code text,
  -- The server's words. Untrusted: escape wherever shown (S9).
  reply_text text,
  occurred_at timestamptz not null
);
create index delivery_events_delivery on delivery_events (delivery_id, id);
