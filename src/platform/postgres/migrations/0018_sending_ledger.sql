-- What is to be sent lies in blocks, and a worker claims a block, not a row (docs/decisions/0013). So nothing that changes while a mail is
-- sent is part of an index of `deliveries` any more: its updates stay within their page, and a delivery costs two of them.
create table delivery_blocks (
  id bigint generated always as identity primary key,
  lane text not null check (lane in ('transactional', 'campaigns', 'digests')),
  campaign_id bigint,
  -- The deliveries of this campaign (or of none) from the first to the last id; fewer, if `ids` names them.
  first_id bigint not null,
  last_id bigint not null check (last_id >= first_id),
  ids bigint[],
  due_at timestamptz not null,
  -- Who holds it. Null: free.
  worker_id bigint,
  check ((lane = 'transactional') = (campaign_id is null))
);
create index delivery_blocks_free on delivery_blocks (campaign_id, due_at) where worker_id is null and campaign_id is not null;
create index delivery_blocks_free_transactional on delivery_blocks (due_at) where worker_id is null and campaign_id is null;
create index delivery_blocks_held on delivery_blocks (worker_id) where worker_id is not null;
create index delivery_blocks_campaign on delivery_blocks (campaign_id) where campaign_id is not null;

-- How many of a campaign's deliveries are settled, by state; what is missing from the audience is open. Written in the statement that settles
-- them, in shards so that workers do not wait for each other; compared with the rows when the campaign ends.
create table campaign_counts (
  campaign_id bigint not null references campaigns on delete cascade,
  shard smallint not null,
  state text not null check (state in ('accepted', 'rejected', 'suppressed', 'ambiguous', 'cancelled')),
  count bigint not null,
  primary key (campaign_id, shard, state)
) with (fillfactor = 50);

-- Accepted per second, in slots that come round, for the rate that is shown.
create table campaign_pace (
  campaign_id bigint not null references campaigns on delete cascade,
  shard smallint not null,
  slot smallint not null,
  second bigint not null,
  accepted integer not null,
  primary key (campaign_id, shard, slot)
) with (fillfactor = 50);

-- Frozen with the address, so that a retry is the same to the last byte.
alter table deliveries add column reader_name text, add column subscription_id bigint;

insert into campaign_counts (campaign_id, shard, state, count)
select campaign_id, 0, state, sum(count) from (
  select campaign_id, state, count(*) as count from deliveries
  where campaign_id is not null and state in ('accepted', 'rejected', 'suppressed', 'ambiguous', 'cancelled') group by 1, 2
  union all
  select campaign_id, state, count from delivery_totals where campaign_id is not null
) counted group by 1, 3;
-- A campaign's rows are in its own counts, also when they are folded.
delete from delivery_totals where campaign_id is not null;
alter table delivery_totals drop column campaign_id;
alter table delivery_totals add unique (kind, state);

update deliveries d set
  state = case d.state when 'claimed' then 'planned' else d.state end,
  attempt = greatest(d.attempt - case d.state when 'claimed' then 1 else 0 end, 0),
  reader_name = s.name,
  subscription_id = (select n.id from subscriptions n where n.subscriber_id = d.subscriber_id and n.newsletter_id = d.newsletter_id)
from subscribers s
where s.id = d.subscriber_id and d.state in ('planned', 'deferred', 'claimed', 'dot_pending', 'ambiguous');
update deliveries set state = 'planned', attempt = greatest(attempt - 1, 0) where state = 'claimed';

insert into delivery_blocks (lane, campaign_id, first_id, last_id, due_at, worker_id)
select lane, campaign_id, id, id, due_at, case state when 'dot_pending' then worker_id end
from deliveries where state in ('planned', 'deferred', 'dot_pending') order by id;

drop index deliveries_due_of_campaign, deliveries_due_transactional, deliveries_held, deliveries_ambiguous, deliveries_confirmations_failed;
create index deliveries_confirmations on deliveries (created_at) where kind = 'confirm';
create index delivery_events_ambiguous on delivery_events (delivery_id) where event = 'ambiguous';

-- The kind tells the lane. Freezing locks the campaign and names a stored mail, so that checking both for each row proves nothing.
alter table deliveries
  drop column lane,
  drop constraint deliveries_campaign_id_fkey,
  drop constraint deliveries_compiled_mail_id_fkey,
  drop constraint deliveries_state_check,
  add constraint deliveries_state_check check (state in
    ('planned', 'dot_pending', 'accepted', 'deferred', 'rejected', 'suppressed', 'ambiguous', 'cancelled'));
-- Room in each page for the versions that a mail on its way leaves behind.
alter table deliveries set (fillfactor = 80);

-- Whoever changes the state of deliveries, the counts follow in the same statement. Deleting does not touch them: folded rows still count.
create function count_deliveries() returns trigger language plpgsql as $$
begin
  insert into campaign_counts (campaign_id, shard, state, count)
  select campaign_id, pg_backend_pid() % 8, state, sum(change) from (
    select campaign_id, state, 1 as change from after_update where campaign_id is not null
    union all
    select campaign_id, state, -1 from before_update where campaign_id is not null
  ) changed
  where state in ('accepted', 'rejected', 'suppressed', 'ambiguous', 'cancelled')
  group by campaign_id, state having sum(change) <> 0
  order by campaign_id, state
  on conflict (campaign_id, shard, state) do update set count = campaign_counts.count + excluded.count;

  insert into campaign_pace as pace (campaign_id, shard, slot, second, accepted)
  select a.campaign_id, pg_backend_pid() % 8, extract(epoch from clock_timestamp())::bigint % 16, extract(epoch from clock_timestamp())::bigint, count(*)
  from after_update a join before_update b on b.id = a.id
  where a.campaign_id is not null and a.state = 'accepted' and b.state <> 'accepted'
  group by a.campaign_id order by a.campaign_id
  on conflict (campaign_id, shard, slot) do update set
    accepted = excluded.accepted + case when pace.second = excluded.second then pace.accepted else 0 end, second = excluded.second;
  return null;
end
$$;
create trigger deliveries_counted after update on deliveries
  referencing old table as before_update new table as after_update
  for each statement execute function count_deliveries();
