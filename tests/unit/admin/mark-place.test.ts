import { expect, it } from 'vitest';
import { markPlace } from '../../../admin/src/parts/mark-place.ts';

const MAIL =
  '<html><head><title>The last boat</title></head><body><h1>The harbour opens</h1>' +
  '<p>Good morning Ada,</p><p style="margin:0">The <strong>last boat</strong> leaves at nine.</p></body></html>';

it('marks the block that holds the words of the line, in the body only', () => {
  const marked = markPlace(MAIL, '# The harbour opens');

  expect(marked).toContain('<h1 id="here">The harbour opens');
  expect(marked).toContain('scroll-margin-top');
  expect(marked.match(/id="here"/g)).toHaveLength(1);
});

it('looks for the longest run of plain words, past markup and merge fields', () => {
  expect(markPlace(MAIL, 'Good morning {{ subscriber.name }},')).toContain('<p id="here">Good morning');
  expect(markPlace(MAIL, 'The **last boat** leaves at nine.')).toContain('<p id="here" style="margin:0">');
});

it.each(['', '   ', '---', 'words that are not in it', '<script>', '$&'])('leaves the mail alone for %j', (line) => {
  expect(markPlace(MAIL, line)).toBe(MAIL);
});
