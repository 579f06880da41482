import { describe, expect, it } from 'vitest';
import { campaignInput, compile, reader, render } from './mail-inputs.ts';

describe('a campaign in Markdown', () => {
  it('fills in the reader, in subject, preheader and body', async () => {
    const mail = await render(
      campaignInput({
        subject: '{{ subscriber.name }}, hello',
        preheader: 'For {{ subscriber.name }}',
        source: 'Dear {{subscriber.name | default: "reader"}}, [choose]({{ links.preferences }}).',
      }),
    );

    expect(mail.subject).toBe('Ada Okafor, hello');
    expect(mail.preheader).toBe('For Ada Okafor');
    expect(mail.html).toContain('Dear Ada Okafor,');
    expect(mail.html).toContain(`href="${reader.links.preferences}"`);
    expect(mail.text).toContain(`choose <${reader.links.preferences}>`);
  });

  it('uses the default for a reader without a name', async () => {
    const input = campaignInput({ source: "Dear {{ subscriber.name | default: 'friend & <reader>' }}," });
    const mail = await render(input, { ...reader, subscriber: { name: '  ' } });

    expect(mail.html).toContain('Dear friend &amp; &lt;reader&gt;,');
    expect(mail.text).toContain('Dear friend & <reader>,');
  });

  it('percent-encodes a name inside an address', async () => {
    const { html } = await render(campaignInput({ source: '[x](https://example.org/?n={{ subscriber.name }}&b=1)' }));

    expect(html).toContain('href="https://example.org/?n=Ada%20Okafor&amp;b=1"');
  });

  it('knows facts of the newsletter', async () => {
    const { text } = await render(campaignInput({ source: '{{ newsletter.name }}, {{ newsletter.postalAddress }}' }));

    expect(text).toContain('The Weekly, The Weekly, 12 Harbour Street, Port Ellery PE1 4QT');
  });

  it('prints HTML instead of obeying it, and braces between raw and endraw', async () => {
    const source = '<script>alert(1)</script> {% raw %}{{ subscriber.name }} {% if %}{% endraw %}';
    const { html, text } = await render(campaignInput({ source }));

    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt; {{ subscriber.name }} {% if %}');
    expect(text).toContain('{{ subscriber.name }} {% if %}');
  });

  it('keeps preformatted text as it is', async () => {
    const { html } = await render(campaignInput({ source: '```\na\n    b\n\n\nc\n```' }));

    expect(html).toMatch(/a\n {4}b\n\n\nc/);
  });

  it.each([
    ['Hi\n\nDear {{ subscriber.email }}', 'merge_field_unknown', 3],
    ['{{ subscriber.__proto__ }}', 'merge_field_unknown', 1],
    ['{{ constructor.constructor }}', 'merge_field_unknown', 1],
    ['{{ links.confirm }}', 'merge_field_unknown', 1],
    ['\n{{ subscriber.name | split: " " }}', 'merge_filter_refused', 2],
    ['{{ "a" | append: "b" }}', 'merge_field_invalid', 1],
    ['a\nb {{ subscriber.name', 'merge_field_invalid', 2],
    ['a\n\n{% include "x" %}', 'merge_tag_refused', 3],
    ['{% for i in (1..1000000000) %}{% endfor %}', 'merge_tag_refused', 1],
    ['a\n\n![x](http://example.org/x.png)', 'image_not_https', 3],
    ['![x](data:image/png;base64,AAAA)', 'image_not_https', 1],
    ['a\n\n[x](/relative)', 'link_not_absolute', 3],
  ])('refuses %j with a code and a line', async (source, code, line) => {
    const outcome = await compile(campaignInput({ source }));

    expect(outcome).toMatchObject({ ok: false });
    expect(outcome.ok ? [] : outcome.problems).toContainEqual(expect.objectContaining({ code, line, where: 'body' }));
  });

  it('says where a problem is', async () => {
    const outcome = await compile(campaignInput({ subject: '{{ x }}', preheader: '{{ y }}', source: '{{ z }}' }));

    expect(outcome.ok ? [] : outcome.problems.map((problem) => problem.where)).toEqual([
      'subject',
      'preheader',
      'body',
    ]);
  });

  it('warns when it is heavier than mailbox providers show', async () => {
    const outcome = await compile(campaignInput({ source: 'A paragraph of words.\n\n'.repeat(2500) }));

    expect(outcome).toMatchObject({ ok: true, warnings: [{ code: 'mail_too_large' }] });
  });
});

const MJML = (inside: string, head = ''): string =>
  `<mjml>\n${head}<mj-body>\n<mj-section><mj-column>\n${inside}\n</mj-column></mj-section>\n</mj-body>\n</mjml>`;

describe('a campaign in MJML', () => {
  it('is compiled with its merge fields', async () => {
    const source = MJML(
      '<mj-text>Dear {{ subscriber.name }}</mj-text><mj-image src="https://example.org/a.png" alt="A" />',
    );
    const mail = await render(campaignInput({ format: 'mjml', source, preheader: 'Before <everything>' }));

    expect(mail.html).toContain('Dear Ada Okafor');
    expect(mail.html).toContain('lang="en-GB" dir="ltr"');
    expect(mail.html).toContain('Before &lt;everything&gt;');
    expect(mail.text).toContain('Dear Ada Okafor');
    expect(mail.text).toContain('[A]');
    expect(mail.text).not.toContain('Before');
  });

  it('gets the standard footer when it has no unsubscribe link', async () => {
    const mail = await render(campaignInput({ format: 'mjml', source: MJML('<mj-text>Hello</mj-text>') }));

    for (const part of [mail.html, mail.text]) {
      expect(part.split(reader.links.unsubscribe ?? '')).toHaveLength(2);
      expect(part).toContain('12 Harbour Street');
    }
  });

  it('gets the standard footer when it lacks the postal address', async () => {
    const source = MJML('<mj-text><a href="{{ links.unsubscribe }}">Leave</a></mj-text>');
    const mail = await render(campaignInput({ format: 'mjml', source }));

    expect(mail.html).toContain('12 Harbour Street');
    expect(mail.text).toContain('12 Harbour Street');
  });

  it('keeps a footer of its own', async () => {
    const source = MJML(
      '<mj-text><a href="{{ links.unsubscribe }}">Leave</a> {{ newsletter.postalAddress }}</mj-text>',
      '<mj-head><mj-title>Own</mj-title></mj-head>',
    );
    const { html, text } = await render(campaignInput({ format: 'mjml', source }));

    expect(html).not.toContain('You are reading');
    expect(text).not.toContain('You are reading');
    expect(html).toContain('<title>Own</title>');
  });

  it.each([
    ['<mj-include path="/etc/passwd" />', 4],
    ['<mj-text>a</mj-text>\n<mj-raw><script>1</script></mj-raw>', 5],
    ['<mj-text>a\n<script>alert(1)</script></mj-text>', 5],
    ['<mj-text><form action="https://x"></form></mj-text>', 4],
    ['<mj-text><p onclick="x()">a</p></mj-text>', 4],
    ['<mj-foo>a</mj-foo>', 4],
    ['<mj-text colour="red">a</mj-text>', 4],
    ['<mj-text>not closed', 4],
  ])('refuses %j as mjml_invalid with its line', async (inside, line) => {
    const outcome = await compile(campaignInput({ format: 'mjml', source: MJML(inside) }));

    expect(outcome).toMatchObject({ ok: false });
    expect(outcome.ok ? [] : outcome.problems.map(({ code }) => code)).toContain('mjml_invalid');
    expect(outcome.ok ? [] : outcome.problems[0]?.line).toBeGreaterThanOrEqual(line);
  });

  it.each([
    ['<mj-button href="javascript:alert(1)">a</mj-button>', 'link_not_absolute'],
    ['<mj-text><a href=" jAvAsCrIpT:alert(1)">a</a></mj-text>', 'link_not_absolute'],
    ['<mj-text><a href="java&#115;cript:alert(1)">a</a></mj-text>', 'link_not_absolute'],
    ['<mj-image src="data:image/png;base64,AAAA" />', 'image_not_https'],
    ['<mj-image src="http://example.org/a.png" />', 'image_not_https'],
  ])('refuses %j', async (inside, code) => {
    const outcome = await compile(campaignInput({ format: 'mjml', source: MJML(inside) }));

    expect(outcome.ok ? [] : outcome.problems.map((problem) => problem.code)).toContain(code);
  });

  it.each(['', 'hello', '<p>hello</p>', '<mjml></mjml>', '<mjml><mj-body></mj-body>', '<'.repeat(1000)])(
    'answers with problems, never with a throw, for %j',
    async (source) => {
      const outcome = await compile(campaignInput({ format: 'mjml', source }));

      expect(outcome).toMatchObject({ ok: false });
    },
  );
});
