import { Parser } from 'htmlparser2';
import type { Email } from 'postal-mime';
import { describe, expect, it } from 'vitest';
import type { CompiledMail } from '../../../../src/rendering/index.ts';
import { campaignInput, compileOk } from '../mail-inputs.ts';
import { list, listHead, parse, write } from './parse-message.ts';

const NAMES = [
  '"><script>alert(1)</script>',
  `" onmouseover="alert(1)`,
  `' onmouseover='alert(1)`,
  '</title></style><script>alert(1)</script>',
  '--><script>alert(1)</script><!--',
  'javascript:alert(1)//',
  '&lt;b&gt; &amp; ]]>',
  'Ada\r\nBcc: victim@example.org\r\n\r\n<h1>',
  '=?utf-8?q?=3Cscript=3E?=',
  '{{ links.unsubscribe }}{% if 1 %}',
  '.\n..\n.',
  'From me',
  'Zoë 😀 👩‍👩‍👧',
  '\u202egnp.exe\u202c \u200fשלום',
  'lone \ud800 half',
  'a/../?x=1&y=2#z',
  'n'.repeat(10_000),
  '日'.repeat(3000),
];

const SOURCE = `<mjml><mj-body><mj-section><mj-column>
<mj-text>Hello {{ subscriber.name }}, <a title="{{ subscriber.name }}" href="https://example.org/?q={{ subscriber.name }}&amp;r=1">{{ subscriber.name }}</a></mj-text>
<mj-image src="https://example.org/{{ subscriber.name }}.png" alt="{{ subscriber.name }}" />
<mj-button href="https://example.org/b/{{ subscriber.name }}">Read</mj-button>
</mj-column></mj-section></mj-body></mjml>`;

/** What a mail program makes of a page. */
function read(html: string) {
  const page = {
    text: '',
    tags: new Set<string>(),
    attributes: new Set<string>(),
    links: [] as string[],
    titles: [] as string[],
  };
  new Parser({
    ontext: (text) => (page.text += text),
    onopentag: (name, attributes) => {
      page.tags.add(name);
      Object.keys(attributes).forEach((each) => page.attributes.add(each));
      for (const attribute of ['href', 'src']) {
        page.links.push(...(attributes[attribute] === undefined ? [] : [attributes[attribute]]));
      }
      for (const attribute of ['alt', 'title']) {
        page.titles.push(...(attributes[attribute] === undefined ? [] : [attributes[attribute]]));
      }
    },
  }).end(html);
  return page;
}

/** What is left of a name: hidden characters are spaces, and none stand at its ends. */
function shown(name: string): string {
  return name
    .toWellFormed()
    .replaceAll(/[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu, ' ')
    .trim();
}

async function send(mail: CompiledMail, name: string): Promise<Email> {
  const values = (field: string) => (field === 'subscriber.name' ? name : `https://example.org/${field}`);
  return parse(write(mail, { values, list }, listHead));
}

describe('a hostile name', () => {
  const compiling = compileOk(campaignInput({ subject: 'For {{ subscriber.name }}', format: 'mjml', source: SOURCE }));

  it.each(NAMES)('is text in every place: %j (S1, S13)', async (name) => {
    const mail = await compiling;
    const plain = await send(mail, 'Ada');
    const hostile = await send(mail, name);
    const page = read(hostile.html ?? '');
    const plainPage = read(plain.html ?? '');

    expect([...page.tags]).toEqual([...plainPage.tags]);
    expect([...page.attributes]).toEqual([...plainPage.attributes]);
    expect(page.text).toContain(`Hello ${shown(name)},`);
    expect(page.titles.filter((title) => title === shown(name))).toHaveLength(2);
    expect(hostile.subject).toBe(`For ${shown(name)}`);
    expect(hostile.text).toContain(shown(name));
  });

  it.each(NAMES)('changes no address but where it stands, percent-encoded: %j', async (name) => {
    const mail = await compiling;
    const plain = read((await send(mail, 'Ada')).html ?? '').links;
    const hostile = read((await send(mail, name)).html ?? '').links;

    expect(hostile).toEqual(plain.map((link) => link.replaceAll('Ada', encodeURIComponent(shown(name)))));
    expect(new Set(hostile.map((link) => new URL(link).origin))).toEqual(
      new Set(plain.map((link) => new URL(link).origin)),
    );
  });

  it.each(NAMES)('adds no header: %j', async (name) => {
    const mail = await compiling;
    const keys = (email: Email) => email.headers.map(({ key }) => key);

    expect(keys(await send(mail, name))).toEqual(keys(await send(mail, 'Ada')));
  });
});
