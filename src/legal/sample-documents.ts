import { readFile } from 'node:fs/promises';
import type { DbOrTx } from '../platform/postgres/index.ts';
import type { Clock } from '../shared/clock.ts';
import { LEGAL_KINDS, hashMarkdown } from './legal-document.ts';
import type { LegalKind } from './legal-document.ts';
import { insertDocument } from './legal.repository.ts';

const TITLES: Readonly<Record<LegalKind, string>> = { terms: 'Newsletter terms', privacy: 'Privacy notice' };

async function readSample(kind: LegalKind): Promise<string> {
  return readFile(new URL(`samples/${kind}.en.md`, import.meta.url), 'utf8');
}

/** Version 1 of each text, once. Safe to call at every start and from several processes. */
export async function seedLegalDocuments(db: DbOrTx, clock: Clock): Promise<void> {
  for (const kind of LEGAL_KINDS) {
    const markdown = await readSample(kind);
    await insertDocument(db, {
      kind,
      locale: 'en',
      version: 1,
      title: TITLES[kind],
      markdown,
      hash: hashMarkdown(markdown),
      is_sample: true,
      published_at: clock.now(),
    });
  }
}

/** Publishing our sample again does not make it the publisher's own text. */
export async function isShippedSample(markdown: string): Promise<boolean> {
  const plain = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();
  const samples = await Promise.all(LEGAL_KINDS.map(readSample));
  return samples.some((sample) => plain(sample) === plain(markdown));
}
