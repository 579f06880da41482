import { Parser } from 'htmlparser2';
import { describe, expect, it } from 'vitest';
import { readSampleMail, TEMPLATES } from '../../../src/rendering/index.ts';
import type { RenderedMail, TemplateName } from '../../../src/rendering/index.ts';
import { compile, render } from './mail-inputs.ts';

const WITH_FOOTER: readonly TemplateName[] = ['welcome', 'digest', 'campaign'];
const WITH_TOP_LINK: readonly TemplateName[] = ['digest', 'campaign'];
const PLAIN: readonly TemplateName[] = ['confirm', 'already-subscribed', 'verify-admin'];

interface Tag {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

function tagsOf(html: string): Tag[] {
  const tags: Tag[] = [];
  new Parser({ onopentag: (name, attributes) => tags.push({ name, attributes }) }).end(html);
  return tags;
}

function renderSample(template: TemplateName): Promise<RenderedMail> {
  const sample = readSampleMail(template);
  return render(sample.input, sample.reader);
}

describe.each(TEMPLATES)('the %s mail with its sample data', (template) => {
  it('compiles without a warning and stays under 90 kB', async () => {
    const outcome = await compile(readSampleMail(template).input);
    const { html } = await renderSample(template);

    expect(outcome).toMatchObject({ ok: true, warnings: [] });
    expect(Buffer.byteLength(html)).toBeLessThan(90_000);
  });

  it('names its language and direction and follows the colour scheme of the device', async () => {
    const { html } = await renderSample(template);
    const root = tagsOf(html).find((tag) => tag.name === 'html');

    expect(root?.attributes).toMatchObject({ lang: expect.stringMatching(/^en/) as string, dir: 'ltr' });
    expect(html).toContain('<meta name="color-scheme" content="light dark">');
    expect(html).toContain('@media (prefers-color-scheme: dark)');
  });

  it('has a subject on one line and a preheader that stands hidden before everything else', async () => {
    const { subject, preheader, html } = await renderSample(template);
    const body = html.slice(html.indexOf('<body'));

    expect(subject).toMatch(/^\S.*\S$/);
    expect(preheader).toMatch(/^\S.*\S$/);
    expect(body.slice(0, 600)).toContain(preheader.slice(0, 30));
  });

  it('leaves no placeholder behind in any part', async () => {
    const mail = await renderSample(template);

    for (const part of Object.values(mail)) {
      expect(part).not.toMatch(/\{\{|\{%|\bmf[\da-f]{16}n|undefined|\[object|NaN/);
    }
  });

  it('says all its links in the text part too', async () => {
    const { html, text } = await renderSample(template);
    const links = tagsOf(html).flatMap((tag) => (tag.name === 'a' ? [tag.attributes.href ?? ''] : []));
    const home = readSampleMail(template).input.variant;
    const masthead = 'newsletter' in home ? home.newsletter.homeUrl : '';

    expect(links.filter((link) => link !== masthead && !text.includes(link))).toEqual([]);
  });

  it('has no script, form or frame, and only https images with an alternative text', async () => {
    const tags = tagsOf((await renderSample(template)).html);
    const images = tags.filter((tag) => tag.name === 'img');

    expect(tags.filter((tag) => /^(?:script|form|input|iframe|object|embed|link|base)$/.test(tag.name))).toEqual([]);
    expect(images.filter(({ attributes }) => !attributes.src?.startsWith('https:') || !attributes.alt)).toEqual([]);
    expect(tags.flatMap((tag) => Object.keys(tag.attributes)).filter((name) => name.startsWith('on'))).toEqual([]);
  });

  it('has text lines that a terminal can show, links aside', async () => {
    const { text } = await renderSample(template);
    const long = text.split('\n').filter((line) => line.length > 72 && !line.includes('https://'));

    expect(long).toEqual([]);
  });
});

describe.each(WITH_FOOTER)('the %s mail', (template) => {
  it('shows unsubscribe link, imprint and postal address in both parts', async () => {
    const { reader } = readSampleMail(template);
    const { html, text } = await renderSample(template);

    for (const part of [html, text]) {
      expect(part).toContain(reader.links.unsubscribe);
      expect(part).toContain('https://news.example.org/imprint');
      expect(part).toContain('12 Harbour Street');
    }
  });
});

describe.each(WITH_TOP_LINK)('the %s mail', (template) => {
  it('has an unsubscribe link near the top, where clipping does not reach it', async () => {
    const { reader } = readSampleMail(template);
    const { html } = await renderSample(template);
    const body = html.slice(html.indexOf('<body'));

    expect(body.indexOf(reader.links.unsubscribe ?? '')).toBeGreaterThan(0);
    expect(body.indexOf(reader.links.unsubscribe ?? '')).toBeLessThan(body.indexOf('class="ink name"'));
  });
});

describe.each(PLAIN)('the %s mail', (template) => {
  it('is plain: no image, no unsubscribe link, no name of the reader', async () => {
    const mail = await renderSample(template);

    expect(tagsOf(mail.html).filter((tag) => tag.name === 'img')).toEqual([]);
    expect(mail.html + mail.text).not.toMatch(/unsubscribe/i);
    expect(Object.values(mail).join('')).not.toContain('Ada');
  });

  it('repeats the address behind its one button as plain text', async () => {
    const { html } = await renderSample(template);
    const address = Object.values(readSampleMail(template).reader.links)[0] ?? '';

    expect(html).toContain(`>${address}</a>`);
  });
});

describe('the confirm mail', () => {
  it('names each newsletter, the seven days and the way out', async () => {
    const { reader } = readSampleMail('confirm');
    const { html, text } = await renderSample('confirm');

    for (const part of [html, text]) {
      expect(part).toContain('The Weekly');
      expect(part).toContain('Harbour Notes');
      expect(part).toContain('7 days');
      expect(part).toContain(reader.links.notMe);
    }
  });
});

describe('a newsletter written from right to left', () => {
  it('turns the page around', async () => {
    const { input, reader } = readSampleMail('digest');
    if (input.template !== 'digest') {
      throw new Error('not the digest sample');
    }
    const newsletter = { ...input.variant.newsletter, locale: 'ar', dir: 'rtl' as const, name: 'الأسبوعية' };
    const { html } = await render({ ...input, variant: { ...input.variant, newsletter } }, reader);

    expect(tagsOf(html).find((tag) => tag.name === 'html')?.attributes).toMatchObject({ lang: 'ar', dir: 'rtl' });
    expect(html).toContain('text-align:right');
    expect(html).not.toMatch(/letter-spacing:\s?-?0\.0/);
    expect(html).toContain('الأسبوعية');
  });
});
