import { afterAll, beforeAll, expect, test } from 'vitest';
import { previewNextIssue } from '../../../src/digests/index.ts';
import { requireNewsletter } from '../../../src/newsletters/index.ts';
import type { Newsletter } from '../../../src/newsletters/index.ts';
import { loadMailTemplates } from '../../../src/rendering/index.ts';
import { openDigests } from './digest-setup.ts';
import type { DigestSetup } from './digest-setup.ts';

const config = { publicUrl: 'http://localhost:3000', mailFrom: undefined, postalAddress: '1 Harbour Street' };

let setup: DigestSetup;

beforeAll(async () => {
  setup = await openDigests();
});
afterAll(async () => {
  await setup.close();
});

async function preview(newsletter: Newsletter): Promise<string> {
  const deps = { ...setup, config, mailTemplates: loadMailTemplates() };
  const { mail } = await previewNextIssue(deps, await requireNewsletter(setup.db, { id: newsletter.id }));
  expect(mail?.warnings).toEqual([]);
  return mail?.html ?? '';
}

test('an issue looks as the newsletter’s settings say at the time, and as ours where it has none', async () => {
  const newsletter = await setup.newNewsletter();
  await setup.publish(newsletter.id, 'insights', 'one', 'two');
  const before = await preview(newsletter);
  const now = setup.clock.now();

  await setup.db
    .insertInto('newsletter_brands')
    .values({
      newsletter_id: newsletter.id,
      logo_url: 'https://example.org/logo.png',
      accent_color: '#00796b',
      background_color: '#e9f1ef',
      font: 'sans',
      footer_text: 'Owned by its readers.',
      updated_at: now,
    })
    .execute();
  const edition = await preview(newsletter);
  await setup.db
    .insertInto('digest_rules')
    .values({
      newsletter_id: newsletter.id,
      layout: 'plain',
      utm_source: 'weekly',
      utm_hosts: ['paper.example'],
      updated_at: now,
    })
    .execute();
  const plain = await preview(newsletter);

  expect(before).toContain('#8f1d1d');
  expect(before).not.toContain('utm_source');
  expect(edition).toContain('<img src="https://example.org/logo.png"');
  expect(edition).toContain('#e9f1ef');
  expect(edition).toContain('Owned by its readers.');
  expect(edition).not.toContain('#8f1d1d');
  expect(plain).not.toContain('<img');
  expect(plain).toContain('#00796b');
  expect(plain).toContain(
    `href="https://paper.example/two?utm_source=weekly&amp;utm_medium=email&amp;utm_campaign=${newsletter.slug}-1"`,
  );
});
