import MarkdownIt from 'markdown-it';
import type { Token } from 'markdown-it';
import { checkImage, checkLink } from './check-address.ts';
import type { Marks } from './marks.ts';
import type { MailProblem } from './problems.ts';

export interface WrittenMarkdown {
  /** HTML. */
  readonly source: string;
  readonly problems: readonly MailProblem[];
}

/** An author's Markdown as HTML. HTML in it is printed, not obeyed; whole addresses become links. */
export function writeMarkdown(marks: Marks, source: string): WrittenMarkdown {
  const markdown = new MarkdownIt({ html: false, linkify: true });
  // "Node.js" and "README.md" are words, not web sites.
  markdown.linkify.set({ fuzzyLink: false, fuzzyEmail: false });
  keepBlockTags(markdown, marks);
  const environment = {};
  const tokens = markdown.parse(source, environment);
  return {
    source: markdown.renderer.render(tokens, markdown.options, environment),
    problems: tokens.flatMap((token) => checkBlock(marks, token)),
  };
}

/**
 * A line of nothing but tags of logic is a block of its own, as it would be an empty line for who evaluates the tags first: so whole paragraphs
 * can be left out, and none is left empty.
 */
function keepBlockTags(markdown: InstanceType<typeof MarkdownIt>, marks: Marks): void {
  const isTagLine = (line: string): boolean => {
    const pieces = marks.cut(line);
    return (
      pieces.length > 1 &&
      pieces.every((piece) => (typeof piece === 'string' ? piece.trim() === '' : piece.kind === 'tag'))
    );
  };
  markdown.block.ruler.before(
    'paragraph',
    'logic_tags',
    (state, startLine, _endLine, isSilent) => {
      const line = state.src.slice(
        (state.bMarks[startLine] ?? 0) + (state.tShift[startLine] ?? 0),
        state.eMarks[startLine],
      );
      if (!isTagLine(line)) {
        return false;
      }
      if (!isSilent) {
        state.line = startLine + 1;
        const token = state.push('logic_tags', '', 0);
        token.content = line;
        token.map = [startLine, startLine + 1];
      }
      return true;
    },
    { alt: ['paragraph', 'reference', 'blockquote', 'list'] },
  );
  markdown.renderer.rules['logic_tags'] = (tokens, index) => `${tokens[index]?.content ?? ''}\n`;
}

/** Inline tokens know no line of their own, so a problem is told at the first line of its block. */
function checkBlock(marks: Marks, block: Token): MailProblem[] {
  return (block.children ?? []).flatMap((token) => {
    const problem =
      token.type === 'link_open'
        ? checkLink(marks, String(token.attrGet('href') ?? ''))
        : token.type === 'image'
          ? checkImage(marks, String(token.attrGet('src') ?? ''))
          : undefined;
    return problem === undefined ? [] : [{ ...problem, where: 'body' as const, line: (block.map?.[0] ?? 0) + 1 }];
  });
}
