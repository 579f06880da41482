import { Parser } from 'htmlparser2';
import type { TagMark } from '../mark.ts';
import type { Marks } from '../marks.ts';
import type { MailProblem } from '../problems.ts';

interface OpenBlock {
  readonly opened: TagMark;
  /** Where in the page it began: the elements around it, or one attribute, or one comment. */
  readonly place: string;
  nextArm: number;
}

/**
 * Whether every block of the finished page can be left out or replaced without breaking it: all tags of a block are there, in their order, and
 * stand in the same place. So whatever arms a reader gets, their page is well-formed. The text part has to hold the same blocks.
 */
export function checkNesting(marks: Marks, html: string, text: string): readonly MailProblem[] {
  if (marks.logic.sources.length === 0) {
    return [];
  }
  const problems: MailProblem[] = [];
  const report = (tag: TagMark, message: string): void => {
    problems.push({ code: 'logic_invalid', where: tag.where, line: tag.line, message });
  };
  const inHtml = followBlocks(report);
  visitTags(marks, html, inHtml.visit);
  inHtml.end();
  if (problems.length === 0) {
    const inText = followBlocks(report);
    visitTexts(marks, text, 'text', inText.visit);
    inText.end();
    for (const tag of inHtml.between.values()) {
      if (tag.where === 'body' && !inText.seen.has(tag.block)) {
        report(
          tag,
          `${tag.text} stands where a plain text version has no place for it; in a table, put it inside a cell`,
        );
      }
    }
  }
  return problems;
}

type Visit = (tag: TagMark, place: string) => void;

interface BlockFollower {
  readonly visit: Visit;
  readonly end: () => void;
  readonly seen: ReadonlySet<number>;
  /** The first tags of blocks between elements, by block. */
  readonly between: ReadonlyMap<number, TagMark>;
}

const IN_TEXT = 'in ';

function followBlocks(report: (tag: TagMark, message: string) => void): BlockFollower {
  const open: OpenBlock[] = [];
  const seen = new Set<number>();
  const between = new Map<number, TagMark>();
  const visit: Visit = (tag, place) => {
    const current = open.at(-1);
    if (current?.opened.block !== tag.block) {
      if (tag.arm === null || tag.arm > 0) {
        report(tag, `${tag.text} stands in another place than the tag that begins its block`);
        return;
      }
      open.push({ opened: tag, place, nextArm: tag.arm + 1 });
      seen.add(tag.block);
      if (place.startsWith(IN_TEXT)) {
        between.set(tag.block, tag);
      }
      return;
    }
    if (place !== current.place || (tag.arm !== null && tag.arm !== current.nextArm)) {
      report(
        tag,
        `${tag.text} must stand in the same place as ${current.opened.text}: both between the same elements, both inside one, or both in one attribute`,
      );
    }
    current.nextArm += 1;
    if (tag.arm === null) {
      open.pop();
    }
  };
  const end = (): void => {
    for (const { opened } of open) {
      report(opened, `the mail lost the tag that ends ${opened.text}: it stands where nothing can be printed`);
    }
  };
  return { visit, end, seen, between };
}

/** Visits the tags of a page in their order, each with its place: the elements around it by number, since two paragraphs are two places. */
function visitTags(marks: Marks, html: string, visit: Visit): void {
  const path: number[] = [];
  let count = 0;
  const parser = new Parser({
    onopentag: (_name, attributes) => {
      for (const [attribute, value] of Object.entries(attributes)) {
        count += 1;
        visitTexts(marks, attribute, `name ${count}`, visit);
        visitTexts(marks, value, `attribute ${count}`, visit);
      }
      count += 1;
      path.push(count);
    },
    onclosetag: () => void path.pop(),
    ontext: (text) => visitTexts(marks, text, `${IN_TEXT}${path.join('>')}`, visit),
    oncomment: (text) => {
      count += 1;
      visitTexts(marks, text, `comment ${count}`, visit);
    },
  });
  parser.end(html);
}

function visitTexts(marks: Marks, text: string, place: string, visit: Visit): void {
  for (const piece of marks.cut(text)) {
    if (typeof piece !== 'string' && piece.kind === 'tag') {
      visit(piece, place);
    }
  }
}
