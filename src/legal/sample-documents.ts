import { readdir, readFile } from 'node:fs/promises';
import type { DbOrTx } from '../platform/postgres/index.ts';
import type { Clock } from '../shared/clock.ts';
import { LEGAL_KINDS, hashMarkdown } from './legal-document.ts';
import type { LegalKind } from './legal-document.ts';
import { insertDocument, selectAllDocuments } from './legal.repository.ts';

/** One file for each text and language, `<kind>.<locale>.md`; its first line is the title. */
const FOLDER = new URL('samples/', import.meta.url);

interface Sample {
  readonly kind: LegalKind;
  readonly locale: string;
  readonly title: string;
  readonly markdown: string;
}

async function readSamples(): Promise<readonly Sample[]> {
  const names = (await readdir(FOLDER)).sort();
  return Promise.all(
    names.flatMap((name) => {
      const [first, locale] = name.split('.');
      const kind = LEGAL_KINDS.find((known) => known === first);
      return kind === undefined || locale === undefined ? [] : [readSample(name, kind, locale)];
    }),
  );
}

async function readSample(name: string, kind: LegalKind, locale: string): Promise<Sample> {
  const text = await readFile(new URL(name, FOLDER), 'utf8');
  const [heading = '', ...rest] = text.split('\n');
  return { kind, locale, title: heading.replace(/^# /, ''), markdown: rest.join('\n').trimStart() };
}

/**
 * Version 1 of each text in each language that has a sample, once. Safe to call at every start and from several processes.
 * Where the publisher has a text of their own, samples of it in other languages would only be in the way.
 */
export async function seedLegalDocuments(db: DbOrTx, clock: Clock): Promise<void> {
  const all = await selectAllDocuments(db);
  const samples = (await readSamples()).filter(
    ({ kind }) => !all.some((document) => document.kind === kind && !document.isSample),
  );
  for (const { kind, locale, title, markdown } of samples) {
    await insertDocument(db, {
      kind,
      locale,
      version: 1,
      title,
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
  const samples = await readSamples();
  return samples.some((sample) =>
    [sample.markdown, `# ${sample.title} ${sample.markdown}`].some((text) => plain(text) === plain(markdown)),
  );
}
