import { recordAudit } from '../audit/index.ts';
import type { Db, Tx } from '../platform/postgres/index.ts';
import { isUniqueViolation } from '../platform/postgres/index.ts';
import type { Actor } from '../shared/actor.ts';
import { conflict, inputError } from '../shared/app-error.ts';
import type { Clock } from '../shared/clock.ts';
import { scheduleNextRun } from './cadence.ts';
import type { NewNewsletter, SectionInput } from './newsletter-input.ts';
import type { Newsletter, OptIn } from './newsletter.ts';
import { requireNewsletter } from './find-newsletter.ts';
import { insertNewsletter, insertSection, lockNewsletters, selectSlugs } from './newsletters.repository.ts';
import type { NewsletterRow } from './newsletters.repository.ts';
import { distinctSlug, slugify } from './slug.ts';

const WEEKLY = '0 8 * * 1';
const FIRST_SECTIONS: readonly SectionInput[] = [{ name: 'Insights' }, { name: 'Opinion' }, { name: 'Current events' }];

/** @throws AppError `slug_taken` when the slug was given and is taken, `cron_invalid`, `time_zone_invalid`, `opt_in_reason_missing`. */
export async function createNewsletter(
  deps: { readonly db: Db; readonly clock: Clock },
  input: NewNewsletter,
  actor: Actor,
): Promise<Newsletter> {
  return deps.db.transaction().execute(async (tx) => {
    await lockNewsletters(tx);
    const newsletter = await addNewsletter(tx, deps.clock, input);
    await recordAudit(tx, {
      actor,
      action: 'newsletter.created',
      subjectKind: 'newsletter',
      subjectId: newsletter.id,
      details: { slug: newsletter.slug },
    });
    return newsletter;
  });
}

/**
 * On an empty database: The Weekly, Mondays at 08:00 UTC until set-up asks for the zone. Several processes may call it
 * at once; one of them does it.
 */
export async function seedFirstNewsletter(deps: {
  readonly db: Db;
  readonly clock: Clock;
}): Promise<Newsletter | undefined> {
  return deps.db.transaction().execute(async (tx) => {
    await lockNewsletters(tx);
    if ((await selectSlugs(tx)).size > 0) {
      return undefined;
    }
    const description = 'The week in one calm read: insights, opinion and current events.';
    return addNewsletter(tx, deps.clock, { name: 'The Weekly', slug: 'the-weekly', description });
  });
}

async function addNewsletter(tx: Tx, clock: Clock, input: NewNewsletter): Promise<Newsletter> {
  const slug = input.slug ?? distinctSlug(slugify(input.name, 'newsletter'), await selectSlugs(tx));
  try {
    const id = await insertNewsletter(tx, toRow(input, slug, clock.now()));
    const taken = new Set<string>();
    for (const [position, section] of (input.sections ?? FIRST_SECTIONS).entries()) {
      const sectionSlug = section.slug ?? distinctSlug(slugify(section.name, 'section'), taken);
      taken.add(sectionSlug);
      await insertSection(tx, id, {
        slug: sectionSlug,
        name: section.name,
        position,
        max_items: section.maxItems ?? null,
        min_items: section.minItems ?? null,
        ranking: section.ranking ?? 'newest',
      });
    }
    return await requireNewsletter(tx, { id });
  } catch (error) {
    throw isUniqueViolation(error) ? slugTaken(error) : error;
  }
}

/** @throws AppError `opt_in_reason_missing` for single opt-in without one. */
export function requireOptInReason(settings: {
  readonly optIn?: OptIn | undefined;
  readonly optInReason?: string | null | undefined;
}): void {
  if (settings.optIn === 'single' && (settings.optInReason ?? null) === null) {
    const message = 'Say why readers of this newsletter need not confirm: it is kept with every consent.';
    throw inputError('opt_in_reason_missing', message, {
      fields: [{ field: 'optInReason', code: 'opt_in_reason_missing', message }],
    });
  }
}

export function slugTaken(cause: unknown): Error {
  const message = 'This short name is taken; choose another.';
  return conflict('slug_taken', message, { cause, fields: [{ field: 'slug', code: 'slug_taken', message }] });
}

function toRow(input: NewNewsletter, slug: string, now: Date): NewsletterRow {
  requireOptInReason(input);
  const cron = input.cron ?? WEEKLY;
  const timeZone = input.timeZone ?? 'UTC';
  return {
    slug,
    name: input.name,
    description: input.description ?? '',
    locale: input.locale ?? 'en',
    is_public: input.isPublic ?? true,
    from_name: input.fromName ?? null,
    from_address: input.fromAddress ?? null,
    reply_to: input.replyTo ?? null,
    postal_address: input.postalAddress ?? null,
    imprint_url: input.imprintUrl ?? null,
    cron,
    time_zone: timeZone,
    next_run_at: scheduleNextRun(cron, timeZone, now),
    cutoff_at: now,
    max_per_section: input.maxPerSection ?? 5,
    local_time: input.localTime ?? false,
    send_window: input.sendWindow ?? null,
    opt_in: input.optIn ?? 'double',
    opt_in_reason: input.optInReason ?? null,
    created_at: now,
    updated_at: now,
  };
}
