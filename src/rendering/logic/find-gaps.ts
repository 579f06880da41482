import type { ReaderFacts } from '../merge-fields.ts';
import type { CompiledMail, Segment } from '../segments.ts';
import { renderLogic } from './render-logic.ts';
import type { LogicRenderer, ReaderLogic } from './render-logic.ts';

/** True if there may be readers for whom the mail would have a hole: it prints the name somewhere without a default. */
export function mayHaveGaps(mail: CompiledMail): boolean {
  const arms = mail.logic?.parts.flatMap((part) => (part.kind === 'branch' ? part.arms : [])) ?? [];
  return [mail.subject, mail.preheader, mail.html, mail.text, ...arms].some((part) => hasGap(mail, part));
}

/**
 * Which of these languages' readers would get a mail with a hole if they have no name: the logic is worked out for such a reader, and what is left
 * prints the name without a default. A field that a condition guards is in no arm that they get.
 * @throws AppError `logic_interrupted`.
 */
export async function findGaps(
  renderer: LogicRenderer,
  mail: CompiledMail,
  locales: readonly (string | null)[],
): Promise<ReadonlySet<string | null>> {
  const readers: ReaderFacts[] = locales.map((locale) => (locale === null ? {} : { locale }));
  const results = await renderLogic(renderer, mail, readers);
  return new Set(locales.filter((_locale, index) => wouldHaveGap(results[index])));
}

/** A template that fails for them is a mail they would not get. */
function wouldHaveGap(result: ReaderLogic | undefined): boolean {
  if (result?.ok !== true) {
    return true;
  }
  const { mail } = result;
  return [mail.subject, mail.preheader, mail.html, mail.text].some((part) => hasGap(mail, part));
}

function hasGap(mail: CompiledMail, segments: readonly Segment[]): boolean {
  return segments.some((segment) => {
    if (typeof segment === 'string') {
      return false;
    }
    if ('field' in segment) {
      return segment.field === 'subscriber.name' && segment.fallback === null;
    }
    const part = mail.logic?.parts[segment.logic];
    return part?.kind === 'value' && mail.logic?.sources[part.source]?.needsName === true;
  });
}
