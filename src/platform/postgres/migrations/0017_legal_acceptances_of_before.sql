-- What was declared before the trigger of 0011 was there: the newest request of each reader that they confirmed.
insert into legal_acceptances (subscriber_id, document_id, record_id, accepted_at)
select distinct on (g.subscriber_id) g.subscriber_id, r.terms_document_id, r.id, r.occurred_at
from consent_records g
join subscribers s on s.id = g.subscriber_id
join consent_records r on r.subscriber_id = g.subscriber_id and r.signup_request_id = g.signup_request_id
  and r.action = 'requested' and r.terms_document_id is not null
where g.action = 'granted'
order by g.subscriber_id, r.occurred_at desc, r.id desc
on conflict do nothing;
