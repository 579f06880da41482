import { describe, expect, it } from 'vitest';
import { tidyText, toPlainText, underline, wrapText } from '../../../src/rendering/plain-text.ts';

describe('wrapText', () => {
  it('breaks at words and indents the lines that follow', () => {
    expect(wrapText('one two three four', 9, '* ')).toBe('* one two\n  three\n  four');
  });

  it('leaves a word whole that is longer than the line', () => {
    expect(wrapText('see https://example.org/long', 10)).toBe('see\nhttps://example.org/long');
  });

  it('gives nothing for nothing', () => {
    expect(wrapText('  \n ', 10, '* ')).toBe('');
  });
});

describe('toPlainText', () => {
  it('sets headings, lists, quotes, links and tables as a text', () => {
    const html =
      '<h1>News</h1><p>Read <a href="https://example.org/a">this</a>.</p><ul><li>one</li></ul>' +
      '<blockquote><p>said</p></blockquote><table><tr><th>A</th></tr><tr><td>1</td></tr></table>';

    expect(toPlainText(html)).toBe('News\n----\n\nRead this <https://example.org/a>.\n\n  * one\n\n> said\n\nA\n1');
  });

  it('says what an image shows and leaves out the hidden preview', () => {
    expect(toPlainText('<div style="display:none;x:y">Preview</div><img src="https://x/y.png" alt="A map" />')).toBe(
      '[A map]',
    );
  });
});

describe('underline and tidyText', () => {
  it('rules a heading as long as it is', () => {
    expect(underline('OPINION')).toBe('OPINION\n-------');
  });

  it('keeps at most one empty line and ends with a line break', () => {
    expect(tidyText('\n\na  \n\n\n\nb\n\n')).toBe('a\n\nb\n');
  });
});
