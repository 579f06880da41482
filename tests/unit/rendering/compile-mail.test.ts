import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { compileMail, loadMailTemplates, readSampleMail, renderForReader } from '../../../src/rendering/index.ts';
import { compile, compileOk, digestInput, reader, render } from './mail-inputs.ts';

function articles(count: number): { title: string; url: string; summaryText: string; imageUrl: string }[] {
  return Array.from({ length: count }, (_, index) => ({
    title: `Article ${index}`,
    url: `https://example.org/${index}`,
    summaryText: 'A summary of some length that says what it is about. '.repeat(6),
    imageUrl: 'https://example.org/image.jpg',
  }));
}

describe('compileMail', () => {
  it('gives the same mail for the same input, from freshly loaded templates too', async () => {
    const { input } = readSampleMail('digest');
    const other = await compileMail({ mailTemplates: loadMailTemplates() }, input);

    expect(other).toEqual(await compile(input));
  });

  it('compiles the same input once, also when asked twice at the same time', async () => {
    const { input } = readSampleMail('welcome');
    const [first, second] = await Promise.all([compile(input), compile(structuredClone(input))]);

    expect(second).toBe(first);
  });

  it('is plain JSON', async () => {
    const mail = await compileOk(digestInput({}));

    expect(JSON.parse(JSON.stringify(mail))).toEqual(mail);
  });

  it('names the field of a variant that is wrong', async () => {
    const outcome = await compile(digestInput({ number: -1 }));

    expect(outcome).toMatchObject({ ok: false, problems: [{ code: 'variant_invalid', where: 'variant' }] });
    expect(outcome.ok ? '' : outcome.problems[0]?.message).toContain('digest.number');
  });

  it('leaves images and then summaries out of an issue that would be clipped (R14)', async () => {
    const sections = (count: number) => ({ sections: [{ name: 'All', articles: articles(count) }] });
    const light = await render(digestInput(sections(20)));
    const heavier = await render(digestInput(sections(75)));
    const heaviest = await render(digestInput(sections(130)));
    const countSummaries = (html: string): number => html.split('A summary of some length').length - 1;

    expect(light.html).toContain('image.jpg');
    expect(heavier.html).not.toContain('image.jpg');
    expect(countSummaries(heavier.html)).toBeGreaterThan(75);
    expect(heaviest.html).toContain('Article 129');
    // That of the first article stays.
    expect(countSummaries(heaviest.html)).toBeLessThan(5);
    for (const mail of [light, heavier, heaviest]) {
      expect(Buffer.byteLength(mail.html)).toBeLessThan(90_000);
    }
  });

  it('loads MJML and the parsers only when something is compiled', () => {
    const script = `
      await import('./src/rendering/index.ts');
      const { createRequire } = await import('node:module');
      console.log(Object.keys(createRequire(import.meta.url).cache).filter((path) => /mjml|cheerio|liquidjs/.test(path)).length);`;
    const printed = execFileSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' });

    expect(printed.trim()).toBe('0');
  });
});

describe('renderForReader', () => {
  it('refuses to send a link that leads nowhere', async () => {
    const mail = await compileOk(digestInput({}));

    expect(() => renderForReader(mail, { subscriber: {}, links: { preferences: 'https://example.org' } })).toThrow(
      expect.objectContaining({ code: 'merge_value_missing' }) as Error,
    );
  });

  it('gives the same bytes at each retry', async () => {
    const mail = await compileOk(digestInput({}));

    expect(renderForReader(mail, reader)).toEqual(renderForReader(mail, reader));
  });

  it('keeps two readers apart', async () => {
    const mail = await compileOk(digestInput({}));
    const other = { ...reader, links: { unsubscribe: 'https://x.example/U2', preferences: 'https://x.example/P2' } };

    expect(renderForReader(mail, other).html).not.toContain('TOKEN');
    expect(renderForReader(mail, reader).html).not.toContain('x.example');
  });
});
