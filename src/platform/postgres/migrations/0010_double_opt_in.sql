-- Single opt-in is an exception that its publisher has to give a reason for.
alter table newsletters
  add column opt_in text not null default 'double' check (opt_in in ('double', 'single')),
  add column opt_in_reason text check (length(opt_in_reason) between 1 and 500),
  add constraint newsletters_single_needs_reason check (opt_in = 'double' or opt_in_reason is not null);

-- 'waiting': listed unticked after the click on another confirmation. 'single': granted at once, by the newsletter's setting.
alter table signup_requests
  drop constraint signup_requests_decision_check,
  add constraint signup_requests_decision_check
    check (decision in ('confirmation', 'single', 'waiting', 'already-subscribed', 'nothing'));

-- One row per confirmation mail that was planned. By hash and without a foreign key: deleting a person must not let a
-- stranger start again.
create table confirmation_mails (
  address_hash bytea not null,
  planned_at timestamptz not null
);
create index confirmation_mails_address on confirmation_mails (address_hash, planned_at);
create index confirmation_mails_planned on confirmation_mails (planned_at);

-- "Send it again" on the page after the form: stored the same way whatever the state of the address, decided by the lane.
create table confirmation_resends (
  id bigint primary key default nextval('cause_ids'),
  request_id bigint not null references signup_requests on delete cascade,
  asked_at timestamptz not null,
  decided_at timestamptz,
  -- The request whose mail was sent once more; null when none was.
  mailed_request_id bigint references signup_requests on delete cascade
);
create index confirmation_resends_undecided on confirmation_resends (id) where decided_at is null;
create index confirmation_resends_request on confirmation_resends (request_id, asked_at);
create index confirmation_resends_mailed on confirmation_resends (mailed_request_id, decided_at);
