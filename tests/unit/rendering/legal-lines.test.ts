import { expect, it } from 'vitest';
import { compileMail, loadMailTemplates, readSampleMail, renderForReader } from '../../../src/rendering/index.ts';
import type { CompiledMail, MailInput } from '../../../src/rendering/index.ts';

const deps = { mailTemplates: loadMailTemplates() };
const { input, reader } = readSampleMail('digest');
const line = { text: 'We have <changed> our terms.', readText: 'Read them', path: '/terms/en/3' };
const ACCEPT = 'https://news.example.org/accept/AAAAAAAqAgOXm1vR0c2Y8tq4JwK3nZ1x';

async function compile(notices: readonly Readonly<Record<string, string>>[], newsletter = {}): Promise<CompiledMail> {
  const sample = input.variant as { readonly newsletter: object; readonly digest: object };
  const variant = {
    ...sample,
    newsletter: { ...sample.newsletter, ...newsletter },
    digest: { ...sample.digest, notices },
  };
  // compileMail checks the variant once more.
  const outcome = await compileMail(deps, { template: 'digest', variant } as unknown as MailInput);
  if (!outcome.ok) {
    throw new Error(outcome.problems[0]?.message);
  }
  return outcome.mail;
}

it('says that a text has changed, in both parts, with a link to exactly this version', async () => {
  const mail = renderForReader(await compile([line]), reader);
  expect(mail.html).toContain('We have &lt;changed&gt; our terms.');
  expect(mail.html).toContain('href="https://news.example.org/terms/en/3"');
  expect(mail.html).not.toContain('/accept/');
  expect(mail.text).toContain('We have <changed> our terms.\nRead them: https://news.example.org/terms/en/3');
});

it('asks each reader by a link of their own, and is never sent with a dead one', async () => {
  const mail = await compile([{ ...line, acceptText: 'Accept them' }]);
  const links = { ...reader.links, accept: ACCEPT };
  const rendered = renderForReader(mail, { ...reader, links });
  expect(rendered.html).toContain(`href="${ACCEPT}"`);
  expect(rendered.text).toContain(`Accept them: ${ACCEPT}`);
  expect(() => renderForReader(mail, reader)).toThrow('links.accept');
});

it('reads from the right where the newsletter does', async () => {
  const mail = await compile([{ ...line, text: 'غيّرنا شروطنا.' }], { locale: 'ar', dir: 'rtl' });
  expect(renderForReader(mail, reader).html).toMatch(/<p dir="auto"[^>]*>غيّرنا شروطنا\. <a href/);
});

it('leads nowhere but to a legal text of ours', async () => {
  await expect(compile([{ ...line, path: 'https://elsewhere.example/terms/en/3' }])).rejects.toThrow('notices');
  await expect(compile([{ ...line, path: '//elsewhere.example/3' }])).rejects.toThrow('notices');
});
