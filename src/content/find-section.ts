import type { DbOrTx } from '../platform/postgres/index.ts';
import { inputError } from '../shared/app-error.ts';
import type { NewsletterId, SectionId } from '../shared/ids.ts';
import { selectSections } from './feeds.repository.ts';

export type SectionChoice = { readonly id: SectionId } | { readonly slug: string };

/** @throws AppError `section_unknown` at the field given. */
export async function requireSection(
  db: DbOrTx,
  newsletterId: NewsletterId,
  choice: SectionChoice,
  field: string,
): Promise<SectionId> {
  const sections = await selectSections(db, newsletterId);
  const found = sections.find(({ id, slug }) => ('id' in choice ? id === choice.id : slug === choice.slug));
  if (found === undefined) {
    const message = `The newsletter has: ${sections.map(({ slug }) => slug).join(', ')}.`;
    throw inputError('section_unknown', message, { fields: [{ field, code: 'section_unknown', message }] });
  }
  return found.id;
}
