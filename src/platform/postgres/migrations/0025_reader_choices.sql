-- What readers choose within a newsletter, where it offers that, and what each of them got of an issue.
alter table digest_rules
  add column offers_sections boolean not null default false,
  add column offers_frequency boolean not null default false;

alter table subscriptions
  -- The sections that are wanted, in ascending order; null: all of them, also those to come.
  add column section_ids bigint[] check (cardinality(section_ids) > 0),
  -- Slower than the newsletter: one digest of each week or month; null: every issue.
  add column frequency text check (frequency in ('weekly', 'monthly'));

-- The mails of an issue: one for each distinct list of articles. A delivery names its own by compiled_mail_id.
create table issue_variants (
  campaign_id bigint not null references campaigns on delete cascade,
  compiled_mail_id bigint not null references compiled_mails,
  article_ids bigint[] not null,
  primary key (campaign_id, compiled_mail_id)
);
