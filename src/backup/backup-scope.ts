/**
 * Tables whose rows stay behind. Sessions and set-up links: what was ended since the backup must not open doors again, and
 * signing in once more costs nothing. Counts of failed log-ins and of sign-ups a minute: true only for the hour they were made in.
 * The migrations are made again, not loaded. The queue has a schema of its own: rows say what is due.
 */
export const LEFT_OUT: ReadonlySet<string> = new Set([
  'admin_sessions',
  'login_failures',
  'schema_migrations',
  'setup_tokens',
  'signup_rates',
]);

/**
 * Sequences whose ids stand in links and headers of mails that have left. After a restore they go on far ahead: a mail that left
 * between the backup and the loss names an id that the restored system would give to somebody else, and its link would be theirs.
 */
export const MAILED_SEQUENCES: ReadonlySet<string> = new Set([
  'cause_ids',
  'deliveries_id_seq',
  'subscribers_id_seq',
  'subscriptions_id_seq',
]);

/** More than any system gives out between two backups; ids in tokens have room for 280,000 restores (48 bits). */
export const RESTORE_LEAP = 1_000_000_000;
