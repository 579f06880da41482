import MarkdownIt from 'markdown-it';
import type { Token } from 'markdown-it';
import { checkImage, checkLink } from './check-address.ts';
import type { Marks } from './marks.ts';
import type { MailProblem } from './problems.ts';

export interface WrittenMarkdown {
  readonly html: string;
  readonly problems: readonly MailProblem[];
}

/** An author's Markdown as HTML. HTML in it is printed, not obeyed; whole addresses become links. */
export function writeMarkdown(marks: Marks, source: string): WrittenMarkdown {
  const markdown = new MarkdownIt({ html: false, linkify: true });
  // "Node.js" and "README.md" are words, not web sites.
  markdown.linkify.set({ fuzzyLink: false, fuzzyEmail: false });
  const environment = {};
  const tokens = markdown.parse(source, environment);
  return {
    html: markdown.renderer.render(tokens, markdown.options, environment),
    problems: tokens.flatMap((token) => checkBlock(marks, token)),
  };
}

/** Inline tokens know no line of their own, so a problem is told at the first line of its block. */
function checkBlock(marks: Marks, block: Token): MailProblem[] {
  return (block.children ?? []).flatMap((token) => {
    const problem =
      token.type === 'link_open'
        ? checkLink(marks, String(token.attrGet('href') ?? ''))
        : token.type === 'image'
          ? checkImage(String(token.attrGet('src') ?? ''))
          : undefined;
    return problem === undefined ? [] : [{ ...problem, where: 'body' as const, line: (block.map?.[0] ?? 0) + 1 }];
  });
}
