import { cleanLine } from './clean-text.ts';

/** What most mail programs show of a subject; phones show half of it. */
const MAX_SUBJECT_LENGTH = 70;
const LEAST_LETTERS = 3;
const NO_ADDRESS_HAS = /\s/;
const PLACEHOLDER =
  /^\W*(?:untitled|no title|title|test|ohne titel|unbenannt|sans titre|sin título|senza titolo|بدون عنوان)\W*$/iu;
/** Two of these are a word. */
const WORD_LETTER = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]{2}/u;

/**
 * The subject of an issue: the first of the headlines that says something, cut at a word; without one the newsletter's name and the day.
 */
export function writeSubject(
  headlines: readonly string[],
  issue: { readonly newsletterName: string; readonly locale: string; readonly dateIso: string },
): string {
  const clean = headlines.map((headline) => cleanLine(headline, Infinity));
  const telling = clean.find((headline) => isTelling(headline, issue.newsletterName));
  return telling === undefined ? nameAndDay(issue) : cutAtWord(telling);
}

function isTelling(headline: string, newsletterName: string): boolean {
  const letters = headline.match(/\p{L}/gu)?.length ?? 0;
  const isAddress = /^(?:https?:\/\/|www\.)/i.test(headline) && !NO_ADDRESS_HAS.test(headline);
  return (
    (letters >= LEAST_LETTERS || WORD_LETTER.test(headline)) &&
    !isAddress &&
    !PLACEHOLDER.test(headline) &&
    fold(headline) !== fold(newsletterName)
  );
}

function fold(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '');
}

function nameAndDay({ newsletterName, locale, dateIso }: Parameters<typeof writeSubject>[1]): string {
  const day = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' });
  return `${cutAtWord(newsletterName)}: ${day.format(new Date(`${dateIso}T00:00:00Z`))}`;
}

/** Never within what is seen as one letter: an emoji of a family is eleven code units. */
function cutAtWord(text: string): string {
  if (text.length <= MAX_SUBJECT_LENGTH) {
    return text;
  }
  let cut = '';
  for (const { segment } of new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text)) {
    if (cut.length + segment.length > MAX_SUBJECT_LENGTH - 1) {
      break;
    }
    cut += segment;
  }
  const isWhole = /^\s/.test(text.slice(cut.length));
  const lastSpace = cut.lastIndexOf(' ');
  const words = !isWhole && lastSpace > MAX_SUBJECT_LENGTH / 2 ? cut.slice(0, lastSpace) : cut;
  return `${words.replace(/[\s,;:–—-]+$/u, '')}…`;
}
