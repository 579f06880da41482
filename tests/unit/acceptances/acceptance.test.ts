import { expect, it } from 'vitest';
import { needsAcceptance } from '../../../src/acceptances/acceptance.ts';
import type { LegalDocument } from '../../../src/legal/index.ts';
import { legalDocument } from '../legal/sample-version.ts';

const now = new Date('2026-12-10T00:00:00Z');
const day = (date: number): Date => new Date(Date.UTC(2026, 11, date));

const first = legalDocument({ version: 1, publishedAt: day(1) });
const asking = legalDocument({ version: 2, publishedAt: day(5), change: 'acceptance' });
const editorial = legalDocument({ version: 3, publishedAt: day(6), change: 'editorial' });
const german = legalDocument({ version: 1, locale: 'de', publishedAt: day(5), change: 'acceptance' });
const scheduled = legalDocument({ version: 4, publishedAt: day(20), change: 'acceptance' });
const withdrawn = legalDocument({ version: 5, publishedAt: day(7), change: 'acceptance', isWithdrawn: true });
const all = [first, asking, editorial, german, scheduled, withdrawn];

it.each<[string, LegalDocument | undefined, Date, string, boolean]>([
  ['somebody who never accepted anything', undefined, day(1), 'en', true],
  ['somebody who accepted the version before', first, day(2), 'en', true],
  ['somebody who pressed as the version before was just replaced', first, day(5), 'en', true],
  ['nobody who accepted it', asking, day(6), 'en', false],
  ['nobody for an editorial version after it', asking, day(5), 'en', false],
  ['nobody for one that is still to come, or was withdrawn', editorial, day(9), 'en', false],
  ['nobody for the same change in another language', asking, day(6), 'de', false],
  ['somebody for a change in another language since', first, day(2), 'de', true],
])('asks %s', (_name, document, acceptedAt, locale, expected) => {
  const accepted = document === undefined ? undefined : { document, acceptedAt };
  expect(needsAcceptance(all, { locale }, accepted, now)).toBe(expected);
});
