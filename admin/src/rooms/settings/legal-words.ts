import type { LegalChange, LegalKind } from '../../api/types.ts';

export const KIND_NAMES: Readonly<Record<LegalKind, string>> = { terms: 'Terms', privacy: 'Privacy notice' };

export function isKind(word: string | undefined): word is LegalKind {
  return word === 'terms' || word === 'privacy';
}

/** `German` for `de`; the tag itself where the browser knows no name. */
export function nameLanguage(tag: string): string {
  try {
    return new Intl.DisplayNames(undefined, { type: 'language' }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}

export const CHANGE_WORDS: Readonly<Record<LegalChange, { readonly label: string; readonly description: string }>> = {
  editorial: {
    label: 'Editorial: readers are told nothing',
    description: 'For a typing error or a new address. What the text says stays the same.',
  },
  notice: {
    label: 'Notice: a line in the next issue',
    description: 'The next issue of each newsletter says that the text has changed, with a link to it.',
  },
  acceptance: {
    label: 'Acceptance: the line asks, once',
    description:
      'The line has a link with which each reader can accept. Nobody loses a newsletter who does not; you see who has.',
  },
};

/** In a list of versions. */
export const CHANGE_MARKS: Readonly<Record<LegalChange, string>> = {
  editorial: 'editorial',
  notice: 'notice',
  acceptance: 'asks to accept',
};
