import { TokenizationError, Tokenizer, TypeGuards } from 'liquidjs';
import type { TopLevelToken } from 'liquidjs';
import { readExpression, unknownField } from './logic/check-expression.ts';
import { createBlockReader, NOTHING_BEFORE_WHEN, toProblem } from './logic/read-blocks.ts';
import type { BlockReader } from './logic/read-blocks.ts';
import { AUTHOR_FACTS, AUTHOR_MERGE_FIELDS, LOGIC_FIELDS } from './merge-fields.ts';
import type { AuthorFact } from './merge-fields.ts';
import type { Marks } from './marks.ts';
import type { MailProblem } from './problems.ts';

export interface MergeReading {
  /** The source with a mark in place of everything between braces. */
  readonly source: string;
  /** The author's line of each line of `source`. */
  readonly lines: readonly number[];
  readonly problems: readonly MailProblem[];
}

type Report = (problem: Pick<MailProblem, 'code' | 'message'>) => void;

interface ReadingDeps {
  readonly marks: Marks;
  readonly facts: Readonly<Record<AuthorFact, string>>;
  readonly where: MailProblem['where'];
}

/** A field, or a field with a default: such a place costs a reader nothing but its value. */
const PLAIN_FIELD = /^([\w.]+)\s*(?:\|\s*default:\s*(?:"([^"]*)"|'([^']*)')\s*)?$/;

/**
 * Reads what an author wrote between braces: Liquid, of which only conditions, a few filters and the allow-listed fields are left (S1).
 * `{% raw %}` prints braces, `{% comment %}` nothing. Nothing is evaluated here.
 */
export function readMergeFields(deps: ReadingDeps, source: string): MergeReading {
  const { marks, where } = deps;
  const problems: MailProblem[] = [];
  const blocks = createBlockReader(marks, where, (problem) => void problems.push(problem));
  const written = createLineKeeper();
  let skipped: 'comment' | undefined;
  for (const token of tokenise(source, where, problems)) {
    const line = token.getPosition()[0] ?? 1;
    const report: Report = (problem) => void problems.push({ ...problem, where, line });
    if (TypeGuards.isTagToken(token) && (token.name === 'comment' || token.name === 'endcomment')) {
      skipped = token.name === 'comment' ? 'comment' : undefined;
    } else if (skipped === undefined) {
      written.add(readToken(deps, blocks, token, report), line);
    }
  }
  blocks.end();
  return { source: written.text(), lines: written.lines(), problems };
}

function readToken(deps: ReadingDeps, blocks: BlockReader, token: TopLevelToken, report: Report): string {
  const line = token.getPosition()[0] ?? 1;
  if (TypeGuards.isTagToken(token)) {
    const { name, args } = token;
    if (name === 'raw' || name === 'endraw' || name === '#') {
      return '';
    }
    const mark = blocks.read({ name, args, text: token.getText(), line });
    if (mark === undefined) {
      const message = `{% ${name} %} is not available here; to print it as it is, write it between {% raw %} and {% endraw %}`;
      report({ code: 'merge_tag_refused', message });
    }
    return mark ?? '';
  }
  const text = TypeGuards.isOutputToken(token)
    ? readOutput(deps, token.content, { text: token.getText(), line }, report)
    : TypeGuards.isHTMLToken(token)
      ? token.getContent()
      : '';
  if (blocks.isBeforeFirstWhen()) {
    if (text.trim() !== '') {
      report({ code: 'logic_invalid', message: NOTHING_BEFORE_WHEN });
    }
    return '';
  }
  return text;
}

function tokenise(source: string, where: MailProblem['where'], problems: MailProblem[]): TopLevelToken[] {
  try {
    return new Tokenizer(source).readTopLevelTokens();
  } catch (error) {
    if (!TokenizationError.is(error)) {
      throw error;
    }
    problems.push({
      code: 'merge_field_invalid',
      where,
      line: error.token.getPosition()[0] ?? 1,
      message: 'a {{ or {% is not closed; to print it as it is, write it between {% raw %} and {% endraw %}',
    });
    return [];
  }
}

function readOutput(
  { marks, facts, where }: ReadingDeps,
  expression: string,
  written: { readonly text: string; readonly line: number },
  report: Report,
): string {
  const [, name, doubleQuoted, singleQuoted] = PLAIN_FIELD.exec(expression.trim()) ?? [];
  const fallback = doubleQuoted ?? singleQuoted ?? null;
  const field = AUTHOR_MERGE_FIELDS.find((known) => known === name);
  if (field !== undefined) {
    return marks.slot(field, fallback);
  }
  const fact = AUTHOR_FACTS.find((known) => known === name);
  if (fact !== undefined) {
    return marks.literal(facts[fact] === '' ? (fallback ?? '') : facts[fact]);
  }
  try {
    if (name !== undefined && !LOGIC_FIELDS.some((known) => known === name)) {
      throw unknownField(name);
    }
    const { fields, hasDefault } = readExpression(expression);
    if (fields.length === 0) {
      const message = `{{ ${expression.trim().slice(0, 100)} }} names no field; write the text itself`;
      report({ code: 'merge_field_invalid', message });
      return '';
    }
    const needsName = fields.includes('subscriber.name') && !hasDefault;
    return marks.value({ liquid: `{{ ${expression} }}`, needsName, where, line: written.line }, written.text);
  } catch (error) {
    report(toProblem(error));
    return '';
  }
}

interface LineKeeper {
  add(text: string, line: number): void;
  text(): string;
  lines(): readonly number[];
}

/** Tags of several lines and trimmed ones (`-%}`) leave fewer lines than the author wrote. */
function createLineKeeper(): LineKeeper {
  const texts: string[] = [];
  const lines: number[] = [1];
  return {
    add: (text, line) => {
      texts.push(text);
      const breaks = text.split('\n').length - 1;
      for (let index = 1; index <= breaks; index += 1) {
        lines.push(line + index);
      }
    },
    text: () => texts.join(''),
    lines: () => lines,
  };
}
