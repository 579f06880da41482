-- The last outcomes of a campaign that is being sent, as far as they speak against it: the numbers, among its outcomes, of those that were
-- hard bounces and of those that refused the message. Touched only by batches that hold such an outcome, so it costs good mail nothing.
create table campaign_windows (
  campaign_id bigint primary key references campaigns on delete cascade,
  -- Outcomes before this do not count: the campaign was resumed by a person who had read why it stood still.
  began_after bigint not null default 0,
  -- How many outcomes there were at the last look.
  outcomes bigint not null default 0,
  hard bigint[] not null default '{}',
  refused bigint[] not null default '{}'
);
