import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createBoundedCache } from './bounded-cache.ts';
import type { BoundedCache } from './bounded-cache.ts';
import type { CompileOutcome } from './compile-outcome.ts';
import { createLogicRenderer } from './logic/render-logic.ts';
import type { LogicRenderer } from './logic/render-logic.ts';
import type { ReaderData } from './merge-fields.ts';
import type { TemplateName } from './templates.ts';
import type { MailInput } from './variant.ts';

/** A campaign has one variant, a signup one per choice of newsletters: 64 mails of 60 kB are 4 MB. */
const MAX_COMPILED = 64;

/** The folder emails/, read once, and what was compiled lately from it. */
export interface MailTemplates {
  /** By path below emails/, such as `digest/template.mjml`. */
  readonly files: Readonly<Record<string, string>>;
  readonly compiled: BoundedCache<Promise<CompileOutcome>>;
  /** Works out what authors wrote as logic, in a thread that starts with the first mail that has some. */
  readonly logic: LogicRenderer;
}

/** Example data for tests, the admin's preview and screenshots. */
export interface SampleMail {
  readonly input: MailInput;
  readonly reader: ReaderData;
}

const EMAILS_FOLDER = fileURLToPath(new URL('../../emails/', import.meta.url));

export function loadMailTemplates(): MailTemplates {
  const paths = readdirSync(EMAILS_FOLDER, { recursive: true, encoding: 'utf8' }).filter((path) =>
    /\.(?:mjml|liquid|txt)$/.test(path),
  );
  const files = paths.map((path) => [path.replaceAll('\\', '/'), readFileSync(join(EMAILS_FOLDER, path), 'utf8')]);
  return {
    files: Object.fromEntries(files),
    compiled: createBoundedCache(MAX_COMPILED),
    logic: createLogicRenderer(),
  };
}

export function readSampleMail(template: TemplateName): SampleMail {
  const sample = JSON.parse(readFileSync(join(EMAILS_FOLDER, template, 'sample.json'), 'utf8')) as {
    variant: unknown;
    reader: ReaderData;
  };
  // compileMail validates the variant; what is wrong in a sample shows up there as a problem.
  return { input: { template, variant: sample.variant } as MailInput, reader: sample.reader };
}
