import { describe, expect, it } from 'vitest';
import type { ReaderData } from '../../../src/rendering/index.ts';
import { campaignInput, compile, compileOk, reader, render } from './mail-inputs.ts';

const nameless: ReaderData = { ...reader, subscriber: {} };
const german: ReaderData = { ...reader, subscriber: { name: 'Ada Okafor', locale: 'de-AT' } };

/** Only what the author wrote of the text part. */
async function textFor(source: string, to: ReaderData): Promise<string> {
  const { text } = await render(campaignInput({ source }), to);
  return text.slice(text.indexOf('\n\n') + 2, text.lastIndexOf('\n--'));
}

async function problemsOf(campaign: Parameters<typeof campaignInput>[0]): Promise<readonly object[]> {
  const outcome = await compile(campaignInput(campaign));
  return outcome.ok ? [] : outcome.problems;
}

describe('logic in Markdown', () => {
  it('chooses within a sentence, in HTML and in text', async () => {
    const source = 'Dear {% if subscriber.name %}{{ subscriber.name }}{% else %}reader{% endif %}, hello.';

    const known = await render(campaignInput({ source }));
    const unknown = await render(campaignInput({ source }), nameless);

    expect(known.html).toContain('Dear Ada Okafor, hello.');
    expect(known.text).toContain('Dear Ada Okafor, hello.');
    expect(unknown.html).toContain('Dear reader, hello.');
    expect(unknown.text).toContain('Dear reader, hello.');
  });

  it('chooses whole paragraphs by tags on lines of their own, and leaves none empty', async () => {
    const source =
      'Before.\n{% if subscriber.name %}\nDear **{{ subscriber.name }}**\n{% else %}\n## Hello\n{% endif %}\nAfter.';

    const known = await render(campaignInput({ source }));
    const unknown = await render(campaignInput({ source }), nameless);

    expect(known.html).toMatch(/Before\.<\/p>\s*<p[^>]*>Dear <strong>Ada Okafor<\/strong><\/p>\s*<p[^>]*>After\.<\/p>/);
    expect(unknown.html).toMatch(/Before\.<\/p>\s*<h2[^>]*>Hello<\/h2>\s*<p[^>]*>After\.<\/p>/);
    expect(known.text).toContain('Before.\n\nDear Ada Okafor\n\nAfter.');
    expect(unknown.text).toContain('Before.\n\nHello\n-----\n\nAfter.');
  });

  it('chooses in subject and preheader', async () => {
    const subject = '{% if subscriber.name %}{{ subscriber.name | first_word }}, {% endif %}a page';
    const input = campaignInput({ subject, preheader: 'A {% unless subscriber.name %}short {% endunless %}page' });

    expect(await render(input)).toMatchObject({ subject: 'Ada, a page', preheader: 'A page' });
    expect(await render(input, nameless)).toMatchObject({ subject: 'a page', preheader: 'A short page' });
  });

  it('knows the language, by case and with an else', async () => {
    const source =
      '{% case subscriber.locale %}{% when "de", "fr" %}Hallo{% when "ar" %}مرحبا{% else %}Hello{% endcase %}!';

    expect(await textFor(source, german)).toContain('Hallo!');
    expect(await textFor(source, reader)).toContain('Hello!');
    expect(await textFor(source, { ...reader, subscriber: { locale: 'ar' } })).toContain('مرحبا!');
  });

  it('prints every when that fits, as Liquid does', async () => {
    const source = '{% case subscriber.locale %}{% when "de" %}A{% when "en" or "de" %}B{% endcase %}.';

    expect(await textFor(source, german)).toContain('AB.');
  });

  it('nests, compares and knows facts of the newsletter', async () => {
    const source =
      '{% if subscriber.name contains "Ada" and newsletter.name == "The Weekly" %}1{% if subscriber.locale != "de" %}2{% elsif subscriber.name %}3{% endif %}{% endif %}.';

    expect(await textFor(source, reader)).toContain('12.');
    expect(await textFor(source, german)).toContain('13.');
    expect(await textFor(source, nameless)).not.toMatch(/[123]\./);
  });

  it('takes not, and prints the language', async () => {
    const source =
      '{% if not subscriber.name or subscriber.locale == "de" %}{{ subscriber.locale | upcase }}{% endif %}.';

    expect(await textFor(source, german)).toContain('DE.');
    expect(await textFor(source, nameless)).toContain('EN.');
    expect(await textFor(source, reader)).not.toContain('EN');
  });

  it('treats a blank name as none', async () => {
    const blank = { ...reader, subscriber: { name: ' \t ' } };

    expect(await textFor('{% if subscriber.name %}named{% else %}blank{% endif %}', blank)).toContain('blank');
  });

  it('changes a value and escapes it for its place', async () => {
    const source =
      '[x](https://example.org/?n={{ subscriber.name | upcase }}) {{ subscriber.name | truncate: 8, "…" }}';
    const hostile = { ...reader, subscriber: { name: '<b>"Q"</b> & co' } };

    const { html, text } = await render(campaignInput({ source }), hostile);

    expect(html).toContain('href="https://example.org/?n=%3CB%3E%22Q%22%3C%2FB%3E%20%26%20CO"');
    expect(html).toContain('&lt;b&gt;&#34;Q&#34;&lt;…');
    expect(text).toContain('<b>"Q"<…');
  });

  it('never runs what a name says', async () => {
    const hostile = { ...reader, subscriber: { name: '{{ 7 | times: 6 }}{% if true %}0;1;{% endif %}' } };

    const text = await textFor(
      '{{ subscriber.name | strip }}, {% if subscriber.name == "0;" %}a{% else %}b{% endif %}',
      hostile,
    );

    expect(text).toContain('{{ 7 | times: 6 }}{% if true %}0;1;{% endif %}, b');
  });

  it('chooses an address, each way of which must be whole', async () => {
    const link = '[x](https://example.org/{% if subscriber.name %}a{% else %}b{% endif %})';

    expect((await render(campaignInput({ source: link }))).html).toContain('href="https://example.org/a"');
    expect((await render(campaignInput({ source: link }), nameless)).html).toContain('href="https://example.org/b"');
    expect(await problemsOf({ source: '\n[x](<{% if subscriber.name %}https://example.org{% endif %}>)' })).toEqual([
      expect.objectContaining({ code: 'link_not_absolute', line: 2 }),
    ]);
  });

  it('trims around tags that ask for it, and leaves comments out', async () => {
    const source =
      'Hello {%- if subscriber.name -%} , {{- subscriber.name -}} {%- endif %}!{% comment %} {{ no }} {% endcomment %}{% # nor this %}';

    expect(await textFor(source, reader)).toContain('Hello,Ada Okafor!');
  });

  it('costs nothing where there is none', async () => {
    const mail = await compileOk(campaignInput({ source: 'Dear {{ subscriber.name | default: "reader" }}' }));

    expect(mail).not.toHaveProperty('logic');
  });
});

describe('what logic may not hold', () => {
  it.each([
    ['{% for x in subscriber.name %}{% endfor %}', 'merge_tag_refused', 1],
    ['\n{% assign x = 1 %}', 'merge_tag_refused', 2],
    ['{% include "x" %}', 'merge_tag_refused', 1],
    ['{% liquid assign x = 1 %}', 'merge_tag_refused', 1],
    ['{% if subscriber.email %}x{% endif %}', 'merge_field_unknown', 1],
    ['{% if subscriber["name"] %}x{% endif %}', 'merge_field_unknown', 1],
    ['{% if subscriber.name.size %}x{% endif %}', 'merge_field_unknown', 1],
    ['{% if subscriber.__proto__ %}x{% endif %}', 'merge_field_unknown', 1],
    ['{% if links.unsubscribe %}x{% endif %}', 'merge_field_invalid', 1],
    ['{{ links.unsubscribe | upcase }}', 'merge_field_invalid', 1],
    ['{{ subscriber.name | replace: "a", "b" }}', 'merge_filter_refused', 1],
    ['{{ subscriber.name | default: "x", allow_false: true }}', 'merge_field_invalid', 1],
    ['{{ subscriber.name | append: (1..9) }}', 'merge_field_invalid', 1],
    ['{% if subscriber.name = "x" %}x{% endif %}', 'merge_field_invalid', 1],
    ['{% if subscriber.name "x" %}x{% endif %}', 'merge_field_invalid', 1],
    ['{% if %}x{% endif %}', 'merge_field_invalid', 1],
    [`{{ subscriber.name | append: "${'a'.repeat(600)}" }}`, 'merge_field_invalid', 1],
    [`{{ subscriber.name${' | upcase'.repeat(9)} }}`, 'merge_field_invalid', 1],
    ['a\n\n{% if subscriber.name %}', 'logic_invalid', 3],
    ['{% endif %}', 'logic_invalid', 1],
    ['{% if subscriber.name %}\n{% endunless %}', 'logic_invalid', 2],
    ['{% if subscriber.name %}{% else %}{% else %}{% endif %}', 'logic_invalid', 1],
    ['{% case subscriber.locale %}text{% when "de" %}{% endcase %}', 'logic_invalid', 1],
    ['{% case subscriber.locale %}{% when "de" "en" %}{% endcase %}', 'merge_field_invalid', 1],
    ['a\n\n**b {% if subscriber.name %}c** d{% endif %}', 'logic_invalid', 3],
    [`${'{% if subscriber.name %}'.repeat(30)}x${'{% endif %}'.repeat(30)}`, 'logic_invalid', 1],
  ])('refuses %j with a code and a line', async (source, code, line) => {
    expect(await problemsOf({ source })).toContainEqual(expect.objectContaining({ code, line, where: 'body' }));
  });

  it('tells one mistake once, not again at each tag that belongs to it', async () => {
    const source = '{% if subscriber.salary > 5 %}a{% else %}b{% endif %}';

    expect(await problemsOf({ source })).toEqual([expect.objectContaining({ code: 'merge_field_unknown' })]);
  });

  it('refuses a subject that is empty for some', async () => {
    const subject = '{% if subscriber.name %}{{ subscriber.name }}{% endif %}';

    expect(await problemsOf({ subject })).toEqual([
      expect.objectContaining({ code: 'logic_invalid', where: 'subject' }),
    ]);
  });
});

const MJML = (inside: string): string => `<mjml>\n<mj-body>\n${inside}\n</mj-body>\n</mjml>`;
const SECTION = (inside: string): string => `<mj-section><mj-column>${inside}</mj-column></mj-section>`;

describe('logic in MJML', () => {
  const wholeSections = MJML(
    `{% if subscriber.name %}\n${SECTION('<mj-text>For {{ subscriber.name }}</mj-text>')}\n{% else %}\n${SECTION('<mj-text>For all</mj-text>')}${SECTION('<mj-button href="https://example.org/join">Join</mj-button>')}\n{% endif %}\n${SECTION('<mj-text>Always</mj-text>')}`,
  );

  it('chooses whole sections', async () => {
    const known = await render(campaignInput({ format: 'mjml', source: wholeSections }));
    const unknown = await render(campaignInput({ format: 'mjml', source: wholeSections }), nameless);

    for (const part of [known.html, known.text]) {
      expect(part).toContain('For Ada Okafor');
      expect(part).not.toContain('For all');
      expect(part).not.toContain('https://example.org/join');
      expect(part).toContain('Always');
    }
    for (const part of [unknown.html, unknown.text]) {
      expect(part).toContain('For all');
      expect(part).not.toContain('For Ada');
      expect(part).toContain('https://example.org/join');
    }
  });

  it('leaves as many tables and conditional comments open as it closes, whatever is chosen', async () => {
    for (const to of [reader, nameless]) {
      const { html } = await render(campaignInput({ format: 'mjml', source: wholeSections }), to);
      for (const [open, close] of [
        ['<table', '</table>'],
        ['<div', '</div>'],
        ['<!--[if', '<![endif]'],
        ['<td', '</td>'],
      ] as const) {
        expect([open, html.split(open).length]).toEqual([open, html.split(close).length]);
      }
    }
  });

  it('chooses within a column, a text and an attribute', async () => {
    const source = MJML(
      SECTION(
        '{% if subscriber.name %}<mj-text>named</mj-text>{% endif %}<mj-text>Dear {% if subscriber.name %}<b>{{ subscriber.name }}</b>{% else %}reader{% endif %}</mj-text><mj-button href="https://example.org/{% if subscriber.locale == "de" %}de{% else %}en{% endif %}">Go</mj-button>',
      ),
    );
    const known = await render(campaignInput({ format: 'mjml', source }), german);
    const unknown = await render(campaignInput({ format: 'mjml', source }), nameless);

    expect(known.html).toContain('Dear <b>Ada Okafor</b>');
    expect(known.html).toContain('href="https://example.org/de"');
    expect(known.text).toContain('named');
    expect(unknown.html).toContain('Dear reader');
    expect(unknown.html).toContain('href="https://example.org/en"');
    expect(unknown.text).not.toContain('named');
  });

  it('adds the footer when the unsubscribe link is not for everybody', async () => {
    const source = MJML(
      SECTION(
        '<mj-text>{{ newsletter.postalAddress }} {% if subscriber.name %}<a href="{{ links.unsubscribe }}">Leave</a>{% endif %}</mj-text>',
      ),
    );
    const { html } = await render(campaignInput({ format: 'mjml', source }), nameless);

    expect(html).toContain(reader.links.unsubscribe);
  });

  it.each([
    ['<mj-section>{% if subscriber.name %}<mj-column><mj-text>a</mj-text></mj-column>{% endif %}</mj-section>', 3],
    [`<!-- {% if subscriber.name %} -->${SECTION('<mj-text>a</mj-text>')}\n<!-- {% endif %} -->`, 3],
    [SECTION('<mj-text>{% if subscriber.name %}a</mj-text>\n<mj-text>b{% endif %}</mj-text>'), 4],
    [SECTION('<mj-text>\n<b>{% if subscriber.name %}a</b>{% endif %}</mj-text>'), 4],
    [SECTION('<mj-text><p {% if subscriber.name %}class="a"{% endif %}>b</p></mj-text>'), 3],
    [`${SECTION('<mj-text>a</mj-text>')}\n\n{% if subscriber.name %}\n</mj-body>\n<mj-body>{% endif %}`, 5],
    [SECTION('\n<mj-table><tr><td>a</td></tr>\n{% if subscriber.name %}<tr><td>b</td></tr>{% endif %}</mj-table>'), 5],
  ])('says with the line where %j cannot stand', async (inside, line) => {
    const problems = await problemsOf({ format: 'mjml', source: MJML(inside) });

    expect(problems).not.toEqual([]);
    expect(problems[0]).toMatchObject({ where: 'body', line, message: expect.not.stringMatching(/mf[0-9a-f]{16}/) });
  });

  it('says the line that the author wrote, below tags of several lines', async () => {
    const source = MJML(`${SECTION('<mj-text>{{ subscriber.name\n | default:\n "x" }}</mj-text>')}\n<mj-nonsense />`);

    expect(await problemsOf({ format: 'mjml', source })).toContainEqual(expect.objectContaining({ line: 6 }));
  });
});
