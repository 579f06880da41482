import { expect, vi } from 'vitest';
import { runDigestNow } from '../../../src/digests/index.ts';
import { currentDocuments, publishDocument } from '../../../src/legal/index.ts';
import type { LegalDocument } from '../../../src/legal/index.ts';
import { listNewsletters } from '../../../src/newsletters/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import type { TestSystem } from '../../support/system.ts';
import { press, signUp, waitForMailTo } from '../subscriptions/reader.ts';
import type { ReadMail } from '../subscriptions/reader.ts';

let count = 0;

/** Our own terms in English: each call is another version. */
export function publishTerms(
  system: TestSystem,
  changes: Partial<Parameters<typeof publishDocument>[1]> = {},
): Promise<LegalDocument> {
  count += 1;
  const text = {
    kind: 'terms',
    locale: 'en',
    title: 'Terms',
    markdown: `Be kind, ${count}.`,
    actor: CLI_ACTOR,
  } as const;
  return publishDocument(system.deps, { ...text, ...changes });
}

/** A reader of the first newsletter, who accepted the terms of the moment. */
export async function subscribeReader(system: TestSystem, address: string): Promise<void> {
  await formShowsNewestTerms(system);
  await signUp(system, address);
  const mail = await waitForMailTo(system, address, /confirm/i);
  const response = await press(system, mail.pathOf('confirm'));
  if (!response.ok) {
    throw new Error(`confirming answered ${response.status}`);
  }
}

/** A form is kept in memory for a second, and shows what was in effect when it was read. */
async function formShowsNewestTerms({ deps }: TestSystem): Promise<void> {
  await vi.waitFor(
    async () => {
      const [form, { terms }] = await Promise.all([deps.signupForms.current('en'), currentDocuments(deps, 'en')]);
      expect(form.documents.terms.id).toBe(terms.id);
    },
    { timeout: 10_000, interval: 50 },
  );
}

/** What pressing the button of the page's first form posts. */
export function readForm(html: string): Record<string, string> {
  const form = /<form[^>]*>([^]*?)<\/form>/.exec(html)?.[1] ?? '';
  const fields = [...form.matchAll(/<(?:input|button)\b[^>]*>/g)].map(([tag]) => ({
    name: /\bname="([^"]*)"/.exec(tag)?.[1],
    value: /\bvalue="([^"]*)"/.exec(tag)?.[1] ?? '',
    isBox: tag.includes('type="checkbox"'),
  }));
  return Object.fromEntries(
    fields.flatMap(({ name, value, isBox }) => (name === undefined || isBox ? [] : [[name, value]])),
  );
}

/** The next issue of the first newsletter, as it arrives. */
export async function sendIssueTo(system: TestSystem, address: string): Promise<ReadMail> {
  const [newsletter] = await listNewsletters(system.deps.db);
  const section = newsletter?.sections[0];
  if (newsletter === undefined || section === undefined) {
    throw new Error('there is no newsletter');
  }
  count += 1;
  const title = `Article ${count}`;
  await system.deps.db
    .insertInto('articles')
    .values({
      newsletter_id: newsletter.id,
      section_id: section.id,
      url: `https://paper.example/${count}`,
      title,
      first_seen_at: system.deps.clock.now(),
    })
    .execute();
  await runDigestNow(system.deps, newsletter, CLI_ACTOR);
  return waitForMailTo(system, address, new RegExp(`^${title}$`));
}
