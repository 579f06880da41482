-- What one sign-up writes, as pgbench sends it: the statement of src/subscriptions/signup-writer.repository.ts with made-up values,
-- the rows of its limits for address, IP and network among them. Left out: the rows that many sign-ups share (the mail domain and the
-- rate of the process), which a batch of the product writes once and single transactions would queue for.
-- The benchmark checks that the rows are as wide as those of the real way.
\set reader random(1, 9000000000000000000)
\set salt random(1, 9000000000000000000)
with counted as (
  insert into signup_limits (key, full_at, granted, step_seconds, reach_seconds, expires_at)
  select md5(kind || :reader::text || :salt::text)::uuid, now() + make_interval(secs => step), 1, step, reach,
    date_trunc('hour', now() + make_interval(secs => step)) + interval '1 hour'
  from (values ('ip', 120, 3600), ('network', 24, 3600), ('address', 8640, 86400)) as l(kind, step, reach)
  on conflict (key) do update set granted = excluded.granted, full_at = excluded.full_at, expires_at = excluded.expires_at
  returning full_at
),
hash as (
  select h.hash, h.key_id
  from unnest(array[int8send(:reader) || int8send(:salt) || int8send(:reader) || int8send(:salt)], array[1]::smallint[])
    with ordinality as h(hash, key_id, rank)
  order by exists (select 1 from suppressions x where x.address_hash = h.hash and x.lifted_at is null) desc, h.rank limit 1
),
subscriber as (
  insert into subscribers (address, address_key, address_hash, address_hash_key_id, created_at)
  select 'r' || :reader::text || '@r.test', 'r' || :reader::text || '@r.test', hash.hash, hash.key_id, now() from hash
  on conflict (address_key) do update set address_key = excluded.address_key
  returning id
),
request as (
  insert into signup_requests (subscriber_id, newsletter_ids, name, locale, time_zone, requested_at, due_at, expires_at)
  select id, array[:newsletter]::bigint[], 'Robin Reader', 'en', null, now(), now(), now() + interval '7 days'
  from subscriber returning id, subscriber_id
),
declaration as (
  select * from unnest(
    array[:newsletter]::bigint[], array[null]::bytea[],
    array[int8send(:reader) || int8send(:salt) || int8send(:reader) || int8send(:salt)], array[int8send(:salt) || int8send(:salt)],
    array[int8send(:salt) || int8send(:salt) || int8send(:salt) || int8send(:salt)], array[int8send(:salt) || int8send(:reader)],
    array[int8send(:reader) || int8send(:reader) || int8send(:salt) || int8send(:salt)], array[int8send(:reader) || int8send(:salt)]
  ) as t(newsletter_id, consent_text, address_digest, address_salt, ip_digest, ip_salt, agent_digest, agent_salt)
),
record as (
  insert into consent_records (action, purpose, subscriber_id, newsletter_id, signup_request_id, consent_text, terms_text,
    privacy_text, terms_document_id, privacy_document_id, is_asserted_by_caller, method, form_id, form_version, locale,
    page_url, actor, occurred_at, address_digest, ip_digest, agent_digest)
  select 'requested', 'newsletter', request.subscriber_id, d.newsletter_id, request.id, d.consent_text, null::bytea,
    null::bytea, :terms::bigint, :privacy::bigint, true, 'api', null, null, 'en',
    'https://www.example.org/culture/an-article-about-something', 'subscriber', now(), d.address_digest, d.ip_digest, d.agent_digest
  from request, declaration d
  returning id, newsletter_id
),
personal as (
  insert into consent_personal (record_id, address, address_salt, ip, ip_salt, agent, agent_salt)
  select record.id, 'r' || :reader::text || '@r.test', d.address_salt, '10.1.2.0/24', d.ip_salt,
    'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0', d.agent_salt
  from record join declaration d on d.newsletter_id = record.newsletter_id
)
select id from request;
