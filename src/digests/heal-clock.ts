import { recordAudit } from '../audit/index.ts';
import { computeNextRun } from '../newsletters/index.ts';
import type { Logger } from '../platform/logging/index.ts';
import type { Db, Tx } from '../platform/postgres/index.ts';
import { SYSTEM_ACTOR } from '../shared/actor.ts';
import type { Clock } from '../shared/clock.ts';
import type { NewsletterId } from '../shared/ids.ts';
import { selectClocks, selectLastCutoff, settleFutureArticles } from './clock.repository.ts';
import type { NewsletterClock } from './clock.repository.ts';
import { lockNewsletterRow, updateSchedule } from './issues.repository.ts';
import type { LockedNewsletter } from './issues.repository.ts';

interface HealDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Clocks of several machines differ by less; what lies further ahead was written by one that was wrong. */
const CLOCKS_DIFFER_MS = 5 * 60_000;

/**
 * Undoes what a machine whose clock was wrong for a while has left: a next time, a cut-off or articles in the future. Without it a
 * newsletter would be silent until that future comes. For the sweep.
 */
export async function healClocks(deps: HealDeps): Promise<void> {
  const now = deps.clock.now();
  const astray = (await selectClocks(deps.db, { now, slackMs: CLOCKS_DIFFER_MS })).filter((one) => isAstray(one, now));
  for (const { id } of astray) {
    try {
      await deps.db.transaction().execute((tx) => lockHealed(tx, deps, id, 'skip'));
    } catch (error) {
      deps.log.error({ newsletterId: id, err: error }, 'schedule not set right');
    }
  }
}

/** `lockNewsletterRow`, after which nothing of the newsletter lies in a future that cannot be. */
export async function lockHealed(
  tx: Tx,
  { clock, log }: Omit<HealDeps, 'db'>,
  id: NewsletterId,
  whenTaken: 'skip' | 'wait',
): Promise<LockedNewsletter | undefined> {
  const locked = await lockNewsletterRow(tx, id, whenTaken);
  const now = clock.now();
  const [found] = locked === undefined ? [] : await selectClocks(tx, { now, slackMs: CLOCKS_DIFFER_MS, id });
  if (locked === undefined || found === undefined || !isAstray(found, now)) {
    return locked;
  }
  const nextRunAt = findNextRun(found, now);
  const cutoffAt = isAhead(found.cutoffAt, now) ? await selectLastCutoff(tx, id, now) : found.cutoffAt;
  await updateSchedule(tx, id, { next_run_at: nextRunAt, cutoff_at: cutoffAt });
  await settleFutureArticles(tx, id, now);
  const details = { before: { nextRunAt: found.nextRunAt, cutoffAt: found.cutoffAt }, after: { nextRunAt, cutoffAt } };
  await recordAudit(tx, {
    actor: SYSTEM_ACTOR,
    action: 'newsletter.clock_healed',
    subjectKind: 'newsletter',
    subjectId: id,
    details,
  });
  log.warn({ newsletterId: id, ...details }, 'a clock was wrong: schedule and cut-off set right');
  return { ...locked, nextRunAt, cutoffAt };
}

function isAstray(found: NewsletterClock, now: Date): boolean {
  return (
    found.hasFutureArticles ||
    isAhead(found.cutoffAt, now) ||
    findNextRun(found, now)?.getTime() !== found.nextRunAt?.getTime()
  );
}

function isAhead(at: Date, now: Date): boolean {
  return at.getTime() > now.getTime() + CLOCKS_DIFFER_MS;
}

/** The first time after now and after the newest issue that was built before now; a time that is nearer, or over, stays. */
function findNextRun({ cron, timeZone, nextRunAt, lastPeriodAt }: NewsletterClock, now: Date): Date | null {
  if (nextRunAt === null || nextRunAt <= now || cron === '') {
    return nextRunAt;
  }
  const latest = computeNextRun(cron, timeZone, lastPeriodAt !== null && lastPeriodAt > now ? lastPeriodAt : now);
  return nextRunAt > latest ? latest : nextRunAt;
}
