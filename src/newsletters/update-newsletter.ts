import { recordAudit } from '../audit/index.ts';
import type { Db, DbOrTx } from '../platform/postgres/index.ts';
import { isUniqueViolation } from '../platform/postgres/index.ts';
import type { Actor } from '../shared/actor.ts';
import type { Clock } from '../shared/clock.ts';
import type { NewsletterId } from '../shared/ids.ts';
import { isTimeZone, scheduleNextRun } from './cadence.ts';
import { requireOptInReason, slugTaken } from './create-newsletter.ts';
import { requireNewsletter } from './find-newsletter.ts';
import type { NewsletterChanges } from './newsletter-input.ts';
import type { Newsletter } from './newsletter.ts';
import { lockNewsletter, selectNewslettersAtUtc, updateNewsletterRow } from './newsletters.repository.ts';
import type { NewsletterUpdate } from './newsletters.repository.ts';

/**
 * A new pattern or zone counts from now on; otherwise the next run stays what it is, also when it is overdue.
 * @throws AppError `newsletter_not_found`, `slug_taken`, `cron_invalid`, `time_zone_invalid`, `opt_in_reason_missing`.
 */
export async function updateNewsletter(
  deps: { readonly db: Db; readonly clock: Clock },
  id: NewsletterId,
  changes: NewsletterChanges,
  actor: Actor,
): Promise<Newsletter> {
  return deps.db.transaction().execute(async (tx) => {
    await lockNewsletter(tx, id);
    const before = await requireNewsletter(tx, { id });
    requireOptInReason({ ...before, ...changes });
    const now = deps.clock.now();
    try {
      await updateNewsletterRow(tx, id, {
        ...toUpdate(changes),
        ...scheduleUpdate(before, changes, now),
        updated_at: now,
      });
    } catch (error) {
      throw isUniqueViolation(error) ? slugTaken(error) : error;
    }
    const after = await requireNewsletter(tx, { id });
    await recordAudit(tx, {
      actor,
      action: 'newsletter.updated',
      subjectKind: 'newsletter',
      subjectId: id,
      details: changedSettings(before, after, changes),
    });
    return after;
  });
}

/** Before and after of what differs; a proper part of the audit log, since these are the publisher's own values. */
function changedSettings(before: Newsletter, after: Newsletter, changes: NewsletterChanges): Record<string, unknown> {
  const names = (Object.keys(changes) as (keyof NewsletterChanges)[]).filter((name) => before[name] !== after[name]);
  return Object.fromEntries(names.map((name) => [name, { before: before[name], after: after[name] }]));
}

/** For the first admin's set-up: newsletters whose zone nobody chose yet (still UTC) take the admin's. */
export async function setDefaultZone(
  deps: { readonly db: DbOrTx; readonly clock: Clock },
  zone: string,
): Promise<void> {
  if (!isTimeZone(zone)) {
    return;
  }
  const now = deps.clock.now();
  for (const { id, cron } of await selectNewslettersAtUtc(deps.db)) {
    const next = scheduleNextRun(cron, zone, now);
    await updateNewsletterRow(deps.db, id, { time_zone: zone, next_run_at: next, updated_at: now });
  }
}

function scheduleUpdate(before: Newsletter, changes: NewsletterChanges, now: Date): NewsletterUpdate {
  const cron = changes.cron ?? before.cron;
  const zone = changes.timeZone ?? before.timeZone;
  if (cron === before.cron && zone === before.timeZone) {
    return {};
  }
  return { cron, time_zone: zone, next_run_at: scheduleNextRun(cron, zone, now) };
}

/** Undefined values are left out: Kysely does not write them. */
function toUpdate(changes: NewsletterChanges): NewsletterUpdate {
  return {
    slug: changes.slug,
    name: changes.name,
    description: changes.description,
    locale: changes.locale,
    is_public: changes.isPublic,
    from_name: changes.fromName,
    from_address: changes.fromAddress,
    reply_to: changes.replyTo,
    postal_address: changes.postalAddress,
    imprint_url: changes.imprintUrl,
    max_per_section: changes.maxPerSection,
    local_time: changes.localTime,
    send_window: changes.sendWindow,
    opt_in: changes.optIn,
    opt_in_reason: changes.optInReason,
  };
}
