import { describe, expect, it } from 'vitest';
import { lintMail } from '../../../src/rendering/lint-mail.ts';
import { campaignInput, compile, render } from './mail-inputs.ts';

const TEXT = 'A text part that says what the page says, at some length.';

function codesOf(
  body: string,
  { head = '<title>T</title>', html = 'lang="en" dir="ltr"', text = TEXT } = {},
): string[] {
  const page = `<html ${html}><head>${head}</head><body>${body}</body></html>`;
  return lintMail({ html: page, text }).map((problem) => problem.code);
}

describe('the linter', () => {
  it('has nothing to say about a mail that is in order', () => {
    const body =
      '<h1>One</h1><h2>Two</h2><h3>Three</h3><h2>Two</h2><p><a href="https://x.example">The tide gauge</a></p>' +
      '<a href="https://x.example"><img src="https://x.example/a.png" alt="A quay"></a><img src="https://x.example/b.png" alt="">';

    expect(codesOf(body)).toEqual([]);
  });

  it.each([
    ['two first headings', '<h1>One</h1><h1>Two</h1>', 'heading_order'],
    ['a step left out', '<h1>One</h1><h3>Three</h3>', 'heading_order'],
    ['a first heading of a lower level', '<h2>Two</h2>', 'heading_order'],
    ['an image without words', '<img src="https://x.example/a.png">', 'image_alt_missing'],
    [
      'a link without words',
      '<a href="https://x.example"><img src="https://x.example/a.png" alt=""></a>',
      'link_empty',
    ],
    ['a link that says nothing', '<a href="https://x.example">Click here!</a>', 'link_text_vague'],
    ['a German link that says nothing', '<a href="https://x.example">hier</a>', 'link_text_vague'],
    ['an Arabic link that says nothing', '<a href="https://x.example">اقرأ المزيد »</a>', 'link_text_vague'],
    ['pale text', '<p style="color:#aaa">Pale</p>', 'contrast_low'],
    ['text on a colour like it', '<div style="background:#8f1d1d;color:#7a2020">Red on red</div>', 'contrast_low'],
    [
      'a link in the colour of browsers on a dark ground',
      '<div style="background:#111111;color:#fff"><a href="https://x.example">Blue</a></div>',
      'contrast_low',
    ],
  ])('finds %s', (_name, body, code) => {
    expect(codesOf(body)).toEqual([code]);
  });

  it.each([
    ['grey in large type', '<p style="font-size:26px;color:#888888">Large</p>'],
    ['what nobody sees', '<div style="display:none;color:#ffffff">Preview</div>'],
    ['a colour of an unknown kind', '<p style="color:var(--x)">Text</p>'],
    ['signs without letters', '<p style="color:#dddddd">·</p>'],
    ['white on a dark ground', '<td bgcolor="#8f1d1d"><span style="color:#ffffff">White</span></td>'],
  ])('lets %s be', (_name, body) => {
    expect(codesOf(body)).toEqual([]);
  });

  it('finds a mail without language, title or text', () => {
    expect(codesOf('<p>Text</p>', { head: '', html: '', text: ' \n' })).toEqual([
      'language_missing',
      'title_missing',
      'text_part_empty',
    ]);
  });

  it('says each finding once', () => {
    expect(codesOf('<p style="color:#aaa">One</p><p style="color:#aaa">Two</p>')).toEqual(['contrast_low']);
  });
});

describe('a campaign', () => {
  it('is compiled with what the linter found, so that its author sees it before it is sent', async () => {
    const source = '# One\n\n### Three\n\n[here](https://example.org)';
    const outcome = await compile(campaignInput({ source }));

    expect(outcome).toMatchObject({
      ok: true,
      warnings: [{ code: 'heading_order' }, { code: 'link_text_vague' }],
    });
  });

  it('has one first heading: its own, or the name of its newsletter', async () => {
    for (const source of ['# Mine\n\ntext', 'Text alone']) {
      const { html } = await render(campaignInput({ source }));

      expect(html.match(/<h1\b/g)).toHaveLength(1);
      expect(await compile(campaignInput({ source }))).toMatchObject({ warnings: [] });
    }
  });

  it('is refused when one of its parts has no way to leave (R13)', async () => {
    const column =
      '<mj-column><mj-text>{{ newsletter.postalAddress }} <a href="{{ links.unsubscribe }}">Leave us</a></mj-text></mj-column>';
    const mjml = (section: string): string => `<mjml><mj-body>${section}</mj-body></mjml>`;
    const source = mjml(`<mj-section>${column}</mj-section>`);
    // The class of the footer that Courant adds, whose text is written apart.
    const misleading = mjml(`<mj-section css-class="courant-footer">${column}</mj-section>`);

    expect(await compile(campaignInput({ format: 'mjml', source }))).toMatchObject({ ok: true, warnings: [] });
    expect(await compile(campaignInput({ format: 'mjml', source: misleading }))).toMatchObject({
      ok: false,
      problems: [{ code: 'unsubscribe_missing' }],
    });
  });

  it('is told of a link to leave that has no words', async () => {
    const icon = '<mj-image src="https://example.org/x.png" href="{{ links.unsubscribe }}" />';
    const source = `<mjml><mj-body><mj-section><mj-column>${icon}</mj-column></mj-section></mj-body></mjml>`;

    expect(await compile(campaignInput({ format: 'mjml', source }))).toMatchObject({
      ok: true,
      warnings: [{ code: 'link_empty', message: 'the link to {{ links.unsubscribe }} has no words' }],
    });
  });
});
