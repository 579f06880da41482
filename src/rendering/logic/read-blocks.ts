import { AppError } from '../../shared/app-error.ts';
import type { Marks } from '../marks.ts';
import type { MailProblem } from '../problems.ts';
import { readExpression, readWhen } from './check-expression.ts';

/** Deeper nesting is a mistake in a loop that wrote the template. */
const MAX_DEPTH = 20;
const MAX_BLOCKS = 500;

/** The parts of a tag that reading needs. */
export interface AuthorTag {
  readonly name: string;
  readonly args: string;
  readonly text: string;
  readonly line: number;
}

export const NOTHING_BEFORE_WHEN = 'nothing can stand between {% case %} and its first {% when %}';

interface OpenBlock {
  readonly block: number;
  readonly opened: AuthorTag;
  /** The block's Liquid so far, each arm replaced by its number. */
  liquid: string;
  arms: number;
  hasElse: boolean;
}

export interface BlockReader {
  /** The mark of a tag of logic; undefined if it is another tag. What is wrong with it is reported, and its mark is empty. */
  read(tag: AuthorTag): string | undefined;
  /** Reports what was never closed. */
  end(): void;
  /** True between `case` and its first `when`, where nothing may stand. */
  isBeforeFirstWhen(): boolean;
}

const OPENING = new Set(['if', 'unless', 'case']);
const MIDDLE = new Set(['elsif', 'else', 'when']);
const CLOSING = new Set(['endif', 'endunless', 'endcase']);

/** Reads the blocks of one part of a mail, tag by tag. */
export function createBlockReader(
  marks: Marks,
  where: MailProblem['where'],
  report: (problem: MailProblem) => void,
): BlockReader {
  const open: OpenBlock[] = [];

  function isBeforeFirstWhen(): boolean {
    return open.at(-1)?.arms === 0;
  }

  function mark(block: number, arm: number | null, tag: AuthorTag): string {
    return marks.tag({ block, arm, text: tag.text, where, line: tag.line });
  }

  /** A block with a wrong condition is a block still: its other tags are not wrong. */
  function check(read: (text: string) => unknown, tag: AuthorTag): void {
    try {
      read(tag.args);
    } catch (error) {
      report({ ...toProblem(error), where, line: tag.line });
    }
  }

  function begin(tag: AuthorTag): string {
    if (isBeforeFirstWhen()) {
      throw misplaced(NOTHING_BEFORE_WHEN);
    }
    check(readExpression, tag);
    const block = marks.logic.openBlock();
    if (open.length === MAX_DEPTH || block >= MAX_BLOCKS) {
      throw misplaced(`use at most ${MAX_BLOCKS} conditions, at most ${MAX_DEPTH} within each other`);
    }
    const isCase = tag.name === 'case';
    const liquid = `{% ${tag.name} ${tag.args} %}${isCase ? '' : '0;'}`;
    open.push({ block, opened: tag, liquid, arms: isCase ? 0 : 1, hasElse: false });
    return mark(block, isCase ? -1 : 0, tag);
  }

  function goOn(tag: AuthorTag): string {
    const current = open.at(-1);
    const isCase = current?.opened.name === 'case';
    if (current === undefined || current.hasElse || (tag.name !== 'else' && isCase !== (tag.name === 'when'))) {
      throw misplaced(`${tag.text} has no {% ${tag.name === 'when' ? 'case' : 'if'} %} that it can belong to`);
    }
    if (tag.name === 'else') {
      refuseArguments(tag);
      current.hasElse = true;
      current.liquid += `{% else %}${current.arms};`;
    } else {
      check(tag.name === 'when' ? readWhen : readExpression, tag);
      current.liquid += `{% ${tag.name} ${tag.args} %}${current.arms};`;
    }
    current.arms += 1;
    return mark(current.block, current.arms - 1, tag);
  }

  function finish(tag: AuthorTag): string {
    const current = open.at(-1);
    if (current === undefined || tag.name !== `end${current.opened.name}`) {
      throw misplaced(`${tag.text} has no {% ${tag.name.slice('end'.length)} %} that it can end`);
    }
    refuseArguments(tag);
    open.pop();
    const liquid = `${current.liquid}{% ${tag.name} %}`;
    marks.logic.closeBlock(current.block, { liquid, needsName: false, where, line: current.opened.line });
    return mark(current.block, null, tag);
  }

  return {
    read: (tag) => {
      const step = OPENING.has(tag.name) ? begin : MIDDLE.has(tag.name) ? goOn : CLOSING.has(tag.name) ? finish : null;
      try {
        return step?.(tag);
      } catch (error) {
        report({ ...toProblem(error), where, line: tag.line });
        return '';
      }
    },
    end: () => {
      for (const { opened } of open) {
        report({ code: 'logic_invalid', where, line: opened.line, message: `${opened.text} is never ended` });
      }
    },
    isBeforeFirstWhen,
  };
}

function refuseArguments(tag: AuthorTag): void {
  if (tag.args.trim() !== '') {
    throw misplaced(`${tag.text} takes nothing after its name`);
  }
}

function misplaced(message: string): AppError {
  return new AppError('input', 'logic_invalid' satisfies MailProblem['code'], message);
}

/** What reading an expression threw, as a problem without its place. @throws what is no such thing. */
export function toProblem(error: unknown): Pick<MailProblem, 'code' | 'message'> {
  if (!(error instanceof AppError)) {
    throw error;
  }
  // Thrown by the readers of this folder, whose codes are all of this type.
  return { code: error.code as MailProblem['code'], message: error.message };
}
