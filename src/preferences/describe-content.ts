import { translatorFor } from '../i18n/index.ts';
import type { NewsletterId, SectionId } from '../shared/ids.ts';
import { asksForSections, listFrequencies, slowness } from './content-choice.ts';
import type { Reader, ReaderSubscription } from './reader.ts';

/** A box or a button; shut ones cannot be chosen here. */
interface Choice {
  readonly isChosen: boolean;
  readonly isShut: boolean;
}

export interface ContentView {
  readonly newsletterId: NewsletterId;
  readonly name: string;
  readonly sections: readonly (Choice & { readonly id: SectionId; readonly name: string })[] | undefined;
  readonly frequencies: readonly (Choice & { readonly value: string; readonly label: string })[] | undefined;
  /** Something is shut. */
  readonly isShut: boolean;
}

/** Where something may be chosen within a newsletter. Without `mayWiden` what would be more than now is shut. */
export function describeContents(
  { subscriptions }: Pick<Reader, 'subscriptions'>,
  locale: string,
  mayWiden: boolean,
): readonly ContentView[] {
  return subscriptions
    .filter(({ status }) => status === 'active')
    .map((subscription) => describeContent(subscription, locale, mayWiden))
    .filter(({ sections, frequencies }) => sections !== undefined || frequencies !== undefined);
}

function describeContent(
  { newsletterId, newsletterName, content }: ReaderSubscription,
  locale: string,
  mayWiden: boolean,
): ContentView {
  const text = translatorFor(locale);
  const { sectionIds, frequency: chosen } = content;
  const sections = content.sections.map(({ id, name }) => {
    const isChosen = sectionIds === null || sectionIds.includes(id);
    return { id, name, isChosen, isShut: !mayWiden && !isChosen };
  });
  const frequencies = listFrequencies(content).map((frequency) => ({
    value: frequency ?? '',
    label: text(`preferences.content_${frequency ?? 'every'}`),
    isChosen: frequency === chosen,
    isShut: !mayWiden && slowness(frequency) < slowness(chosen),
  }));
  const shown = {
    sections: asksForSections(content) ? sections : undefined,
    frequencies: frequencies.length === 0 ? undefined : frequencies,
  };
  const isShut = [...(shown.sections ?? []), ...(shown.frequencies ?? [])].some((choice) => choice.isShut);
  return { newsletterId, name: newsletterName, ...shown, isShut };
}
