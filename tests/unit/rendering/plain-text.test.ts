import { describe, expect, it } from 'vitest';
import { tidyText, toPlainText, underline, wrapText } from '../../../src/rendering/plain-text.ts';

describe('wrapText', () => {
  it('breaks at words and indents the lines that follow', () => {
    expect(wrapText('one two three four', 9, '* ')).toBe('* one two\n  three\n  four');
  });

  it('leaves a word whole that is longer than the line', () => {
    expect(wrapText('see https://example.org/long', 10)).toBe('see\nhttps://example.org/long');
  });

  it('breaks between the words of a script without spaces, by the places they take, and not before a comma', () => {
    const lines = wrapText('一百四十年来，每天早上七点都有人读同一把铜尺。它留下的记录。', 20, '  ').split('\n');

    expect(lines.length).toBeGreaterThan(2);
    expect(lines.every((line) => line.trim().length <= 11)).toBe(true);
    expect(lines.filter((line) => /^\s*[，。]/.test(line))).toEqual([]);
    expect(lines.map((line) => line.trim()).join('')).toBe(
      '一百四十年来，每天早上七点都有人读同一把铜尺。它留下的记录。',
    );
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
    expect(underline('评论')).toBe('评论\n----');
  });

  it('keeps at most one empty line and ends with a line break', () => {
    expect(tidyText('\n\na  \n\n\n\nb\n\n')).toBe('a\n\nb\n');
  });
});
