import { TokenizationError, Tokenizer, TypeGuards } from 'liquidjs';
import type { TopLevelToken } from 'liquidjs';
import { AUTHOR_FACTS, AUTHOR_MERGE_FIELDS } from './merge-fields.ts';
import type { AuthorFact } from './merge-fields.ts';
import type { Marks } from './marks.ts';
import type { MailProblem } from './problems.ts';

export interface MergeReading {
  /** The source with every merge field replaced by its mark. */
  readonly source: string;
  readonly problems: readonly MailProblem[];
}

/** A field, or a field with a default: the whole language. Nothing is evaluated, so nothing can be reached (S1). */
const EXPRESSION = /^([\w.]+)\s*(?:\|\s*default:\s*(?:"([^"]*)"|'([^']*)')\s*)?$/;

/**
 * Reads what an author wrote between braces: Liquid's syntax, but only the allow-listed fields, each with an optional
 * `default`, and `{% raw %}` to print braces.
 */
export function readMergeFields(
  marks: Marks,
  facts: Readonly<Record<AuthorFact, string>>,
  where: MailProblem['where'],
  source: string,
): MergeReading {
  const problems: MailProblem[] = [];
  const parts = tokenise(source, where, problems).map((token) => {
    const report = (code: MailProblem['code'], message: string): string => {
      problems.push({ code, where, line: token.getPosition()[0] ?? 1, message });
      return '';
    };
    if (TypeGuards.isTagToken(token)) {
      return token.name === 'raw' || token.name === 'endraw'
        ? ''
        : report(
            'merge_tag_refused',
            `{% ${token.name} %} is not available here; to print it as it is, write it between {% raw %} and {% endraw %}`,
          );
    }
    return TypeGuards.isOutputToken(token) ? readExpression(marks, facts, token.content, report) : token.getText();
  });
  return { source: parts.join(''), problems };
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

function readExpression(
  marks: Marks,
  facts: Readonly<Record<AuthorFact, string>>,
  expression: string,
  report: (code: MailProblem['code'], message: string) => string,
): string {
  const [, name, doubleQuoted, singleQuoted] = EXPRESSION.exec(expression.trim()) ?? [];
  if (name === undefined) {
    return report(
      'merge_field_invalid',
      `{{ ${expression} }} cannot be read; write a field such as {{ subscriber.name | default: "reader" }}`,
    );
  }
  const fallback = doubleQuoted ?? singleQuoted ?? null;
  const field = AUTHOR_MERGE_FIELDS.find((known) => known === name);
  if (field !== undefined) {
    return marks.slot(field, fallback);
  }
  const fact = AUTHOR_FACTS.find((known) => known === name);
  if (fact !== undefined) {
    return marks.literal(facts[fact] === '' ? (fallback ?? '') : facts[fact]);
  }
  const known = [...AUTHOR_MERGE_FIELDS, ...AUTHOR_FACTS].join(', ');
  return report('merge_field_unknown', `there is no merge field "${name}"; known are ${known}`);
}
