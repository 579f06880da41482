create table settings (
  key text primary key,
  value jsonb not null,
  updated_at timestamptz not null default now()
);

-- Rows that cause a transactional mail (a signup request, a test, an address to verify) draw their ids from this one
-- sequence, so that (kind, cause_id) of a delivery is unique across those tables.
create sequence cause_ids as bigint;

create table audit_log (
  id bigint generated always as identity primary key,
  occurred_at timestamptz(3) not null,
  -- 'admin:<id>', 'token:<id>', 'cli', 'system'
  actor text not null,
  action text not null,
  subject_kind text not null,
  subject_id text,
  details jsonb not null default '{}'
);
create index audit_log_subject on audit_log (subject_kind, subject_id, id);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% on % is refused: the table is append-only', tg_op, tg_table_name using errcode = 'restrict_violation';
end
$$;

create trigger audit_log_append_only before update or delete on audit_log
  for each row execute function refuse_change();
create trigger audit_log_no_truncate before truncate on audit_log
  for each statement execute function refuse_change();
