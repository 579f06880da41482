import { recordAudit } from '../audit/index.ts';
import type { Db, Tx } from '../platform/postgres/index.ts';
import { isForeignKeyViolation, isUniqueViolation } from '../platform/postgres/index.ts';
import type { Actor } from '../shared/actor.ts';
import { conflict, inputError } from '../shared/app-error.ts';
import type { NewsletterId, SectionId } from '../shared/ids.ts';
import { slugTaken } from './create-newsletter.ts';
import { requireNewsletter } from './find-newsletter.ts';
import type { SectionInput } from './newsletter-input.ts';
import type { Newsletter } from './newsletter.ts';
import {
  deleteSections,
  findSectionInUse,
  forgetChosenSections,
  insertSection,
  lockNewsletter,
  updateSection,
} from './newsletters.repository.ts';
import { distinctSlug, slugify } from './slug.ts';

export interface ReplacedSections {
  readonly newsletter: Newsletter;
  /** How many had chosen one that is gone; and no other, so that they get everything again. */
  readonly lostBy: { readonly readers: number; readonly readersOfNothingElse: number };
}

/**
 * Makes the list the newsletter's sections, in this order: with an id it is changed, without it is added, what is
 * missing goes, also from what readers chose.
 * @throws AppError `section_in_use` (something belongs to a missing one), `section_unknown`, `slug_taken`.
 */
export async function replaceSections(
  deps: { readonly db: Db },
  newsletterId: NewsletterId,
  sections: readonly SectionInput[],
  actor: Actor,
): Promise<ReplacedSections> {
  return deps.db.transaction().execute(async (tx) => {
    await lockNewsletter(tx, newsletterId);
    const before = await requireNewsletter(tx, { id: newsletterId });
    refuseUnknownIds(before, sections);
    const missing = await removeMissing(tx, before, sections);
    const lostBy = await forgetChosenSections(tx, newsletterId, missing);
    try {
      await writeSections(tx, before, sections);
    } catch (error) {
      throw isUniqueViolation(error) ? slugTaken(error) : error;
    }
    const after = await requireNewsletter(tx, { id: newsletterId });
    await recordAudit(tx, {
      actor,
      action: 'newsletter.sections_replaced',
      subjectKind: 'newsletter',
      subjectId: newsletterId,
      details: { sections: after.sections.map((section) => section.slug), ...lostBy },
    });
    return { newsletter: after, lostBy };
  });
}

function refuseUnknownIds(before: Newsletter, sections: readonly SectionInput[]): void {
  const left = new Set(before.sections.map((section) => section.id));
  for (const [index, { id }] of sections.entries()) {
    // Deleting as we go also refuses the same id twice.
    if (id !== undefined && !left.delete(id)) {
      const message = 'The newsletter has no such section.';
      throw inputError('section_unknown', message, {
        fields: [{ field: `sections.${index}.id`, code: 'section_unknown', message }],
      });
    }
  }
}

async function removeMissing(
  tx: Tx,
  before: Newsletter,
  sections: readonly SectionInput[],
): Promise<readonly SectionId[]> {
  const kept = new Set(sections.map((section) => section.id));
  const missing: SectionId[] = before.sections.map((section) => section.id).filter((id) => !kept.has(id));
  const used = await findSectionInUse(tx, missing);
  if (used !== undefined) {
    throw sectionInUse(`"${used}"`);
  }
  try {
    await deleteSections(tx, missing);
  } catch (error) {
    // A feed read at this moment has brought an article.
    throw isForeignKeyViolation(error) ? sectionInUse('One that is missing') : error;
  }
  return missing;
}

function sectionInUse(name: string): Error {
  return conflict(
    'section_in_use',
    `${name} has feeds or articles. Move or remove its feeds; a section whose articles were collected stays.`,
  );
}

async function writeSections(tx: Tx, before: Newsletter, sections: readonly SectionInput[]): Promise<void> {
  const slugs = new Map(before.sections.map((section) => [section.id, section.slug]));
  const slugOf = (section: SectionInput): string | undefined =>
    section.slug ?? (section.id === undefined ? undefined : slugs.get(section.id));
  const taken = new Set(sections.map(slugOf).filter((slug) => slug !== undefined));
  for (const [position, section] of sections.entries()) {
    const slug = slugOf(section) ?? distinctSlug(slugify(section.name, 'section'), taken);
    taken.add(slug);
    const row = {
      slug,
      name: section.name,
      position,
      max_items: section.maxItems ?? null,
      min_items: section.minItems ?? null,
      ranking: section.ranking ?? 'newest',
    };
    await (section.id === undefined ? insertSection(tx, before.id, row) : updateSection(tx, section.id, row));
  }
}
