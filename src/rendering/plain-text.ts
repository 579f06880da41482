import { convert } from 'html-to-text';
import type { HtmlToTextOptions } from 'html-to-text';
import { splitUnspaced, widthOf } from './text-width.ts';

/** Classic mail width: reads well in a terminal, and no client has to wrap it again. */
const TEXT_WIDTH = 72;

const OPTIONS: HtmlToTextOptions = {
  wordwrap: TEXT_WIDTH,
  selectors: [
    { selector: 'a', options: { linkBrackets: ['<', '>'], hideLinkHrefIfSameAsText: true, noAnchorUrl: true } },
    // The address of an image says nothing to a reader; its alternative text does.
    { selector: 'img', format: 'altText' },
    ...['h1', 'h2'].map((selector) => ({ selector, format: 'underlinedHeading' })),
    ...['h3', 'h4', 'h5', 'h6'].map((selector) => ({ selector, options: { uppercase: false } })),
    { selector: 'ul', options: { itemPrefix: '  * ' } },
    { selector: 'hr', options: { length: 8 } },
    // MJML lays out with tables that carry this role; all others hold figures.
    { selector: 'table', format: 'dataTable', options: { uppercaseHeaderCells: false } },
    { selector: 'table[role=presentation]', format: 'block' },
    // The footer we add to an author's own document is written for text apart.
    { selector: 'div.courant-footer', format: 'skip' },
    // MJML's preview text: hidden on the page, so out of place here.
    { selector: 'div[style^="display:none;"]', format: 'skip' },
  ],
  formatters: {
    altText: (element, _walk, builder) => {
      const alt: unknown = element.attribs?.alt;
      builder.addInline(typeof alt === 'string' && alt !== '' ? `[${alt}]` : '');
    },
    underlinedHeading: (element, walk, builder) => {
      builder.openBlock({ leadingLineBreaks: 3 });
      walk(element.children, builder);
      builder.closeBlock({ trailingLineBreaks: 2, blockTransform: (text) => underline(text) });
    },
  },
};

/** The text part of what an author wrote; keeps every link. */
export function toPlainText(html: string): string {
  return convert(html, OPTIONS);
}

/** Wraps at words. `first` stands before the first line, as many spaces before the others; a long word stays whole. */
export function wrapText(text: string, width: number, first = ''): string {
  const indent = ' '.repeat(first.length);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter((word) => word !== '')) {
    for (const [index, piece] of splitUnspaced(word).entries()) {
      const joint = index === 0 && line !== '' ? ' ' : '';
      if (line !== '' && widthOf(line) + joint.length + widthOf(piece) > width) {
        lines.push(line);
        line = piece;
      } else {
        line += joint + piece;
      }
    }
  }
  if (line !== '') {
    lines.push(line);
  }
  return lines.map((each, index) => (index === 0 ? first : indent) + each).join('\n');
}

/** A heading as a text shows it: with a rule below, as long as its last line. */
export function underline(text: string): string {
  const length = Math.min(widthOf(text.split('\n').at(-1) ?? ''), TEXT_WIDTH);
  return `${text}\n${'-'.repeat(length)}`;
}

/** What templates leave behind: trailing spaces and runs of empty lines. */
export function tidyText(text: string): string {
  return `${text
    .replace(/[ \t]+$/gm, '')
    .replace(/\n{3,}/g, '\n\n')
    .trim()}\n`;
}
