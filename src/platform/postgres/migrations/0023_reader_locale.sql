-- The language that a mail's logic may ask for (docs/decisions/0014), frozen with the name: a retry is the same to the last byte.
alter table deliveries add column reader_locale text;
