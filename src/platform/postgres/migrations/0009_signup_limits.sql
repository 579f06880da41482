-- What a limit counts, as the time at which it would be used up: one timestamp says how much is left at any moment (the generic
-- cell rate algorithm, GCRA). No foreign keys and hashed keys: deleting a subscriber resets nothing, and a row tells nobody.
create table signup_limits (
  -- The first 128 bits of an HMAC of the kind of limit and what it counts.
  key uuid primary key,
  -- Each one that got through moves this on by step_seconds, from the present at least.
  full_at timestamptz(3) not null,
  -- How many of the last statement's got through: it counts for many sign-ups at once.
  granted integer not null,
  step_seconds real not null,
  -- How far full_at may lie ahead.
  reach_seconds real not null,
  -- full_at, rounded up to the hour: an index that changes once an hour leaves room for updates in place.
  expires_at timestamptz(0) not null
) with (fillfactor = 80);
create index signup_limits_expires on signup_limits (expires_at);

-- How many sign-ups are asked for in a minute, by the web process that counts them: a row each, so that none waits for another.
create table signup_rates (
  process uuid primary key,
  minute timestamptz(0) not null,
  current integer not null,
  previous integer not null,
  -- A minute's sign-ups on average, over about a day.
  usual real not null,
  burst_until timestamptz(3)
) with (fillfactor = 50);

alter table signup_requests
  -- Not to be decided, so nothing mailed, before this.
  add column due_at timestamptz(3),
  -- Why it is due later than at once.
  add column mail_hold text check (mail_hold in ('address', 'domain', 'trickle'));
update signup_requests set due_at = requested_at;
alter table signup_requests alter column due_at set not null;

drop index signup_requests_undecided;
create index signup_requests_undecided on signup_requests (due_at, id) where decided_at is null and status = 'open';
