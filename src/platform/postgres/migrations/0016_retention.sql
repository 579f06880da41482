-- What old deliveries were folded into: the sum of a campaign stays what it was, the rows with their addresses go.
create table delivery_totals (
  campaign_id bigint references campaigns,
  kind text not null,
  state text not null,
  count bigint not null check (count > 0),
  unique nulls not distinct (campaign_id, kind, state)
);

-- Walked by retention from the oldest on.
create index consent_personal_networks on consent_personal (record_id) where ip is not null or agent is not null;
create index signup_requests_over on signup_requests (expires_at) where status in ('expired', 'refused');
create index subscriptions_unsubscribed on subscriptions (unsubscribed_at) where status = 'unsubscribed';
