import { Parser } from 'htmlparser2';
import { createContrastWatch } from './lint-contrast.ts';
import type { LintWatch, Report } from './lint-watch.ts';
import type { MailProblem } from './problems.ts';

interface LintedParts {
  readonly html: string;
  readonly text: string;
}

/** What says nothing to somebody who hears the links of a mail one after the other. */
const VAGUE = new Set(
  `click here|click|here|read more|more|learn more|link|this link|hier|hier klicken|klicken sie hier|mehr|mehr lesen|link|
  انقر هنا|اضغط هنا|هنا|المزيد|اقرأ المزيد`
    .split('|')
    .map((text) => text.trim()),
);
/** A text part that says less than this says nothing. */
const LEAST_TEXT = 40;

/**
 * Reads a finished mail as somebody with a screen reader, or with poor eyes, would, and says what is in their way. The words of
 * the findings are for whoever wrote the mail.
 */
export function lintMail({ html, text }: LintedParts): readonly MailProblem[] {
  const problems: MailProblem[] = [];
  const report: Report = (code, message) => {
    if (!problems.some((problem) => problem.message === message)) {
      problems.push({ code, where: 'body', message });
    }
  };
  const checks = [watchPage(report), watchHeadings(report), watchLinks(report), createContrastWatch(report)];
  const parser = new Parser({
    onopentag: (name, attributes) => checks.forEach((check) => check.open?.(name, attributes)),
    ontext: (words) => checks.forEach((check) => check.text?.(words)),
    onclosetag: (name) => checks.forEach((check) => check.close?.(name)),
  });
  parser.end(html);
  checks.forEach((check) => check.end?.());
  if (text.trim().length < LEAST_TEXT) {
    report('text_part_empty', 'the text part says nearly nothing; whoever reads mail as text sees an empty mail');
  }
  return problems;
}

function watchPage(report: Report): LintWatch {
  let title: string | undefined;
  let isInTitle = false;
  return {
    open: (name, attributes) => {
      isInTitle = name === 'title';
      if (name === 'html' && ((attributes['lang'] ?? '') === '' || (attributes['dir'] ?? '') === '')) {
        report('language_missing', 'the mail does not say its language and direction');
      }
    },
    text: (words) => {
      title = isInTitle ? (title ?? '') + words : title;
    },
    close: () => {
      isInTitle = false;
    },
    end: () => {
      if ((title ?? '').trim() === '') {
        report('title_missing', 'the mail has no title');
      }
    },
  };
}

function watchHeadings(report: Report): LintWatch {
  let last = 0;
  let isFound = false;
  return {
    open: (name) => {
      const level = Number(/^h([1-6])$/.exec(name)?.[1] ?? 0);
      if (level === 0) {
        return;
      }
      if (level === 1 && isFound) {
        report('heading_order', 'the mail has more than one heading of the first level');
      } else if (level > last + 1) {
        report('heading_order', `a heading of level ${level} follows ${last === 0 ? 'none' : `one of level ${last}`}`);
      }
      isFound ||= level === 1;
      last = level;
    },
  };
}

function watchLinks(report: Report): LintWatch {
  let link: { readonly address: string; words: string } | undefined;
  return {
    open: (name, attributes) => {
      const { src = '', alt } = attributes;
      if (name === 'a' && attributes['href'] !== undefined) {
        link = { address: attributes['href'], words: '' };
      } else if (name === 'img') {
        if (alt === undefined) {
          report('image_alt_missing', `the image ${shorten(src)} has no alternative text`);
        }
        link = link === undefined ? undefined : { ...link, words: `${link.words} ${alt ?? ''}` };
      }
    },
    text: (words) => {
      link = link === undefined ? undefined : { ...link, words: link.words + words };
    },
    close: (name) => {
      if (name === 'a' && link !== undefined) {
        const words = link.words.replaceAll(/[\s\p{P}\p{S}]+/gu, ' ').trim();
        if (words === '') {
          report('link_empty', `the link to ${shorten(link.address)} has no words`);
        } else if (VAGUE.has(words.toLowerCase())) {
          report('link_text_vague', `"${words}" does not say where the link to ${shorten(link.address)} leads`);
        }
        link = undefined;
      }
    },
  };
}

function shorten(address: string): string {
  return address.length <= 80 ? address : `${address.slice(0, 79)}…`;
}
