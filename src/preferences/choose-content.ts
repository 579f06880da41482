import { recordConsent } from '../consent/index.ts';
import type { Circumstances, ShownWording } from '../consent/index.ts';
import type { NewsletterId } from '../shared/ids.ts';
import { weighChoice } from './content-choice.ts';
import type { ContentChoice } from './content-choice.ts';
import type { PreferenceDeps } from './preference-deps.ts';
import type { ChosenContent, Reader, ReaderContent } from './reader.ts';
import { lockContent, setContent } from './readers.repository.ts';

export interface ContentWish extends ContentChoice {
  readonly newsletterId: NewsletterId;
}

/** `more-often`: changed too, and issues that came out before are not sent again. The last three changed nothing. */
export type ContentOutcome = 'changed' | 'more-often' | 'unchanged' | 'no-section' | 'outdated' | 'not-subscribed';

/**
 * Stores which sections of a newsletter somebody gets and how often. The wish is the state and no step, so that a double click, a
 * second tab or the back button lead to the same. A mail's own link can only make it less, whatever is posted.
 */
export async function chooseContent(
  deps: Pick<PreferenceDeps, 'db' | 'clock' | 'random'>,
  reader: Reader,
  { newsletterId, ...choice }: ContentWish,
  options: { readonly mayWiden: boolean } & Pick<Circumstances, 'ip' | 'agent'> & ShownWording,
): Promise<ContentOutcome> {
  const { mayWiden, ...circumstances } = options;
  return deps.db.transaction().execute(async (tx) => {
    const before = await lockContent(tx, reader.id, newsletterId);
    if (before === undefined) {
      return 'not-subscribed';
    }
    const after = weighChoice(before, choice, mayWiden);
    if (after.kind !== 'chosen') {
      return after.kind;
    }
    if (isSame(before, after.content)) {
      return 'unchanged';
    }
    await setContent(tx, reader.id, newsletterId, after.content);
    await recordConsent(
      { db: tx, random: deps.random },
      {
        action: 'changed',
        subscriberId: reader.id,
        newsletterIds: [newsletterId],
        address: reader.address,
        at: deps.clock.now(),
        method: 'button',
        actor: 'subscriber',
        details: { sections: slugsOf(before, after.content), frequency: after.content.frequency },
        ...circumstances,
      },
    );
    return after.isMoreOften ? 'more-often' : 'changed';
  });
}

function isSame(before: ChosenContent, after: ChosenContent): boolean {
  return before.frequency === after.frequency && String(before.sectionIds) === String(after.sectionIds);
}

function slugsOf({ sections }: ReaderContent, { sectionIds }: ChosenContent): readonly string[] | null {
  return sectionIds === null ? null : sections.filter(({ id }) => sectionIds.includes(id)).map(({ slug }) => slug);
}
