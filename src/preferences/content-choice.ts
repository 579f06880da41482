import { FREQUENCIES, listSlowerFrequencies } from '../newsletters/index.ts';
import type { Frequency } from '../newsletters/index.ts';
import type { SectionId } from '../shared/ids.ts';
import type { ChosenContent, ReaderContent } from './reader.ts';

/** What a form posts: the state that is wanted. */
export interface ContentChoice {
  /** Undefined when the form had no sections. */
  readonly sections: { readonly ticked: readonly number[]; readonly shown: readonly number[] } | undefined;
  /** Null: every issue. Undefined when the form did not ask. */
  readonly frequency: Frequency | null | undefined;
}

export type WeighedChoice =
  | { readonly kind: 'chosen'; readonly content: ChosenContent; readonly isMoreOften: boolean }
  /** Without a section there is nothing to send: that is leaving, or a pause. */
  | { readonly kind: 'no-section' }
  /** What was ticked is not there any more. */
  | { readonly kind: 'outdated' };

/** There is something to choose, or was once: who has a choice can always see and change it. */
export function asksForSections({ sections, offersSections, sectionIds }: ReaderContent): boolean {
  return sectionIds !== null || (offersSections && sections.length > 1);
}

/** From the fastest; null: every issue. None when there is nothing to choose. */
export function listFrequencies(content: ReaderContent): readonly (Frequency | null)[] {
  const { cron, offersFrequency, frequency } = content;
  const offered = offersFrequency ? listSlowerFrequencies(cron) : [];
  const slower = FREQUENCIES.filter((one) => one === frequency || offered.includes(one));
  return slower.length === 0 ? [] : [null, ...slower];
}

/** What becomes of a choice. Without `mayWiden` nothing is added to what somebody has, and nothing made more frequent. */
export function weighChoice(before: ReaderContent, choice: ContentChoice, mayWiden: boolean): WeighedChoice {
  const sections = asksForSections(before) ? weighSections(before, choice.sections, mayWiden) : before.sectionIds;
  if (sections === 'no-section' || sections === 'outdated') {
    return { kind: sections };
  }
  const frequency = weighFrequency(before, choice.frequency, mayWiden);
  return {
    kind: 'chosen',
    content: { sectionIds: sections, frequency },
    isMoreOften: slowness(frequency) < slowness(before.frequency),
  };
}

function weighSections(
  { sections, sectionIds }: ReaderContent,
  choice: ContentChoice['sections'],
  mayWiden: boolean,
): readonly SectionId[] | null | 'no-section' | 'outdated' {
  if (choice === undefined) {
    return sectionIds;
  }
  if (choice.ticked.length === 0) {
    return 'no-section';
  }
  const known = sections.map(({ id }) => id);
  const ticked = known.filter((id) => choice.ticked.includes(id));
  // One that an editor has added since the page was opened was not refused.
  const shown = known.filter((id) => choice.shown.length === 0 || choice.shown.includes(id));
  const isAll = ticked.length > 0 && shown.every((id) => ticked.includes(id));
  if (isAll && (mayWiden || sectionIds === null)) {
    return null;
  }
  const chosen = mayWiden || sectionIds === null ? ticked : ticked.filter((id) => sectionIds.includes(id));
  return chosen.length === 0 ? 'outdated' : chosen.toSorted((a, b) => a - b);
}

function weighFrequency(
  before: ReaderContent,
  wanted: Frequency | null | undefined,
  mayWiden: boolean,
): Frequency | null {
  if (wanted === undefined || !listFrequencies(before).includes(wanted)) {
    return before.frequency;
  }
  return mayWiden || slowness(wanted) > slowness(before.frequency) ? wanted : before.frequency;
}

export function slowness(frequency: Frequency | null): number {
  return frequency === null ? 0 : FREQUENCIES.indexOf(frequency) + 1;
}
