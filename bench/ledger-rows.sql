-- Consent records as sign-ups leave them, ids $1 to $2: of each three a request and a grant with all personal values, and the mail
-- between them. Generated in the server, since only what is read afterwards is measured.
with value as (
  select n, 'reader-' || n / 3 || '@readers.example' as address, '10.' || n / 65536 % 256 || '.' || n / 256 % 256 || '.0/24' as ip,
    'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0' as agent,
    substr(sha256(n::text::bytea), 1, 16) as salt, n % 3 = 1 as is_mail, n % 3 = 0 as is_request
  from generate_series($1::int, $2::int) as n
),
record as (
  insert into consent_records (id, action, purpose, subscriber_id, newsletter_id, consent_text, terms_text, privacy_text,
    terms_document_id, privacy_document_id, method, form_id, form_version, locale, page_url, actor, occurred_at,
    address_digest, ip_digest, agent_digest, details)
  overriding system value
  select n, case when is_mail then 'confirmation_sent' when is_request then 'requested' else 'granted' end, 'newsletter', n / 3, 1,
    text.hash, text.hash, text.hash, case when is_request then terms.id end, case when is_request then privacy.id end,
    case when is_mail then 'system' else 'button' end, 'hosted', '0123456789ab', 'en', 'https://www.example.org/culture/an-article',
    case when is_mail then 'system' else 'subscriber' end, now(),
    case when not is_mail then sha256(salt || address::bytea) end, case when not is_mail then sha256(salt || ip::bytea) end,
    case when not is_mail then sha256(salt || agent::bytea) end,
    case when is_mail then '{"outcome": "accepted", "template": "confirm", "attempts": 1}'::jsonb else '{}' end
  from value
  left join (select hash from consent_texts order by hash limit 1) text on value.is_request
  cross join (select id from legal_documents where kind = 'terms' order by id limit 1) terms
  cross join (select id from legal_documents where kind = 'privacy' order by id limit 1) privacy
  order by n
)
insert into consent_personal (record_id, address, address_salt, ip, ip_salt, agent, agent_salt)
select n, address, salt, ip, salt, agent, salt from value where not is_mail
