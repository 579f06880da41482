import { describe, expect, it } from 'vitest';
import { compile, digestInput, reader, render } from './mail-inputs.ts';
import type { MailInput, RenderedMail } from '../../../src/rendering/index.ts';

type DigestInput = Extract<MailInput, { template: 'digest' }>;
type Variant = DigestInput['variant'];

function withVariant(change: Partial<Variant>, digest: Partial<Variant['digest']> = {}): DigestInput {
  const input = digestInput(digest);
  return { ...input, variant: { ...input.variant, ...change } };
}

function branded(brand: Variant['newsletter']['brand'], change: Partial<Variant> = {}): DigestInput {
  const { newsletter } = digestInput({}).variant;
  return withVariant({ ...change, newsletter: { ...newsletter, brand } });
}

const LAYOUTS = ['edition', 'plain'] as const;

describe.each(LAYOUTS)('the %s layout', (layout) => {
  it('has nothing for the linter to find, has one first heading, and shows all articles', async () => {
    const input = withVariant({ layout });
    const outcome = await compile(input);
    const { html } = await render(input);

    expect(outcome).toMatchObject({ ok: true, warnings: [] });
    expect(html.match(/<h1\b/g)).toHaveLength(1);
    expect(html.match(/<h2\b/g)).toHaveLength(3);
    expect(html.match(/<h3\b/g)).toHaveLength(8);
  });

  it('calls an issue named after its first article by the name of the newsletter', async () => {
    const { html } = await render(withVariant({ layout }, { title: 'The tide gauge that outlived four governments' }));

    expect(html.match(/<h1\b/g)).toHaveLength(1);
    expect(/<h1\b[^>]*>([\s\S]*?)<\/h1>/.exec(html)?.[1]).toContain('The Weekly');
  });

  it('sets the intro in HTML and text, and obeys nothing in it', async () => {
    const intro = 'One **two**, [three](https://example.org/3)\n\n<b>four</b> {{ links.unsubscribe }}';
    const { html, text } = await render(withVariant({ layout }, { intro }));

    expect(html).toContain('<strong>two</strong>');
    expect(html).toContain('&lt;b&gt;four&lt;/b&gt; {{ links.unsubscribe }}');
    expect(text).toContain('One two, three <https://example.org/3>');
  });

  it('wears the colours of its publisher, made readable, in light and dark', async () => {
    const { html } = await render(branded({ accentColor: '#ffd166', backgroundColor: '#eef4ff' }, { layout }));

    expect(html).not.toContain('#ffd166;text');
    expect(html).toMatch(/color:\s?#[0-9a-f]{6}/);
    expect(html).not.toContain('#8f1d1d');
  });

  it('says what the publisher wants said at its foot, in both parts, unharmed', async () => {
    const { html, text } = await render(branded({ footerText: 'Owned by <4,100> readers.\nJoin them.' }, { layout }));

    expect(html).toContain('Owned by &lt;4,100&gt; readers.');
    expect(text).toContain('Owned by <4,100> readers.\nJoin them.');
  });

  it('tags the links to the publisher’s own site, in both parts, and no link of ours', async () => {
    const utm = { source: 'weekly', medium: 'email', campaign: 'the-weekly-12', hosts: ['example.org'] };
    const { html, text } = await render(withVariant({ layout, utm }));
    const links = [...html.matchAll(/href="([^"]+)"/g)].map((match) => match[1] ?? '');
    const [own, others] = [
      links.filter((link) => link.includes('utm_')),
      links.filter((link) => !link.includes('utm_')),
    ];

    expect(own.length).toBeGreaterThan(8);
    expect(own.filter((link) => !link.startsWith('https://example.org/'))).toEqual([]);
    expect(others.filter((link) => link.startsWith('https://example.org/'))).toEqual([]);
    expect(text).toContain(
      'https://example.org/news/buses?utm_source=weekly&utm_medium=email&utm_campaign=the-weekly-12',
    );
    expect(text).toContain('https://example.org/council/files?utm_source=weekly');
  });
});

describe('the edition layout', () => {
  it('shows a logo that says the name, in place of the name', async () => {
    const { html } = await render(branded({ logoUrl: 'https://example.org/logo.png', logoWidth: 180 }));

    expect(html).toMatch(/<img src="https:\/\/example\.org\/logo\.png" alt="The Weekly" width="180"/);
  });

  it('leaves a logo out that is not fetched over https (R15)', async () => {
    expect((await render(branded({ logoUrl: 'http://example.org/logo.png' }))).html).not.toContain('logo.png');
  });

  it('names the site that its first article is read on', async () => {
    expect((await render(digestInput({}))).html).toContain('>Read on at example.org</a>');
  });
});

describe('the plain layout', () => {
  it('has no picture, and less than half of the markup', async () => {
    const edition = await render(digestInput({}));
    const plain = await render(withVariant({ layout: 'plain' }));
    const countTags = ({ html }: RenderedMail): number => html.match(/<[a-z]/g)?.length ?? 0;

    expect(plain.html).not.toContain('<img');
    expect(countTags(plain)).toBeLessThan(countTags(edition) / 2);
    expect(plain.text).toBe(edition.text);
  });
});

const LONG = {
  Arabic: 'سجل مقياس المد الذي عاش أكثر من أربع حكومات ولا يزال يقرأ كل صباح ',
  Chinese: '一百四十年来每天早上七点都有人读同一把铜尺它留下的记录如今是海平面上升速度的最好证据',
};

function heavySections(count: number, words: string): Variant['digest']['sections'] {
  const sections = 8;
  return Array.from({ length: sections }, (_, section) => ({
    name: `Section ${section}`,
    articles: Array.from({ length: count / sections }, (_unused, index) => ({
      title: `${section}.${index} ${words.repeat(5)}`,
      url: `https://example.org/${encodeURIComponent(words)}/${section}/${index}`,
      summaryText: words.repeat(12),
      author: words,
      imageUrl: `https://example.org/images/${index}.jpg`,
    })),
  }));
}

describe.each(Object.entries(LONG))('400 articles of long %s', (_language, words) => {
  it.each(LAYOUTS)('make a mail in the %s layout under 90 kB that leads to the rest (R14)', async (layout) => {
    const input = withVariant({ layout }, { sections: heavySections(400, words) });
    const outcome = await compile(input);
    const long = {
      ...reader,
      links: { ...reader.links, unsubscribe: `https://news.example.org/unsubscribe/${'x'.repeat(120)}` },
    };
    const { html, text } = await render(input, long);
    const shown = html.match(/<h3\b/g)?.length ?? 0;

    expect(outcome).toMatchObject({ ok: true, warnings: [] });
    expect(Buffer.byteLength(html)).toBeLessThan(90_000);
    expect(Buffer.byteLength(html)).toBeGreaterThan(70_000);
    expect(html.match(/<h2\b/g)).toHaveLength(8);
    expect(html).toContain(`>${400 - shown} more articles in this issue</a>`);
    expect(text).toContain(
      `${400 - shown} more articles in this issue:\nhttps://news.example.org/archive/the-weekly/12`,
    );
    expect(html).toContain('</html>');
  });

  it('say how many had no room where there is no page to lead to', async () => {
    const { webViewUrl: _webViewUrl, ...variant } = digestInput({ sections: heavySections(400, words) }).variant;
    const { html } = await render({ template: 'digest', variant });

    expect(html).toMatch(/>\d+ more articles had no room in this mail\.</);
  });
});
