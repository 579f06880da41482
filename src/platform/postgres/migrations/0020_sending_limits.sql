-- How much may be sent: overall, over one relay, to one recipient domain. Shared by all workers. Null: no limit of that sort.
create table sending_limits (
  -- overall, relay:HOST:PORT, domain:NAME, or domain:* for every domain by itself.
  scope text primary key check (scope = 'overall' or scope ~ '^(relay|domain):.+$'),
  per_second numeric(12, 4) check (per_second > 0),
  per_hour integer check (per_hour > 0),
  per_day integer check (per_day > 0),
  concurrency integer check (concurrency > 0),
  updated_at timestamptz not null,
  check (num_nonnulls(per_second, per_hour, per_day, concurrency) > 0)
);

-- What of it is used: replaced as a whole, by whoever knows the version before. domain:NAME also for the limits of domain:*.
create table sending_use (
  scope text primary key,
  version bigint not null default 0,
  use jsonb not null default '{}',
  updated_at timestamptz not null
) with (fillfactor = 50);

-- A relay or a domain that asked to be left alone for a while. Ends by itself; the row goes with the next mail that is taken.
create table sending_pauses (
  scope text primary key check (scope ~ '^(relay|domain):.+$'),
  paused_until timestamptz not null,
  reason text not null,
  -- How often in a row, from 1: each pause is twice as long as the one before.
  step smallint not null
);

-- When a mail may leave, by the clock of the newsletter or, with local_time, of each reader; of issues copied from their newsletter.
alter table campaigns
  add column local_time boolean not null default false,
  -- The time on each reader's clock, as 2026-12-01T09:00:00. Null: what the newsletter's clock shows when the campaign starts.
  add column local_at text check (local_at ~ '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$'),
  add column send_window text check (send_window ~ '^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$');
alter table newsletters
  add column local_time boolean not null default false,
  add column send_window text check (send_window ~ '^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$');
