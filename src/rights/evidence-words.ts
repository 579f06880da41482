import { directionOf, translatorFor } from '../i18n/index.ts';
import type { Translate } from '../i18n/index.ts';

/** UTC to the millisecond, as it is recorded. */
export function formatUtc(at: Date): string {
  return `${at.toISOString().replace('T', ' ').replace('Z', '')} UTC`;
}

/** Who did it, from the label that records keep: `subscriber`, `admin:3`, `token:4`, `cli`, `system`. */
export function nameActor(label: string, t: Translate): string {
  const [kind = '', id] = label.split(':', 2);
  switch (kind) {
    case 'subscriber':
    case 'system':
    case 'cli':
      return t(`evidence.actor.${kind}`);
    case 'admin':
    case 'token':
      return t(`evidence.actor.${kind}`, { id: id ?? '' });
    default:
      return label;
  }
}

/** FIRST STRONG ISOLATE and POP DIRECTIONAL ISOLATE. */
const [ISOLATE, END] = ['\u2068', '\u2069'];

/** Texts whose values keep their own direction: a date or an address in an Arabic sentence would be shown in pieces. */
export function evidenceTexts(locale: string): Translate {
  const t = translatorFor(locale);
  if (directionOf(locale) === 'ltr') {
    return t;
  }
  return (key, values = {}) =>
    t(
      key,
      Object.fromEntries(
        Object.entries(values).map(([name, value]) => [
          name,
          typeof value === 'string' ? `${ISOLATE}${value}${END}` : value,
        ]),
      ),
    );
}
