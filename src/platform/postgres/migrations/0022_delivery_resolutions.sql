-- How an event `resolved` ended a doubt or a refusal, and on whose word: `by_hand`, `confirmed_by_reader` ... Stable codes.
alter table delivery_events
  add column resolution text check (resolution in ('accepted', 'rejected', 'resend', 'retry')),
  add column source text;
