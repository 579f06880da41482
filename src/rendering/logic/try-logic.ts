import { AppError } from '../../shared/app-error.ts';

import type { AuthorFact, ReaderFacts } from '../merge-fields.ts';
import type { MailProblem } from '../problems.ts';
import type { CompiledMail, Logic } from '../segments.ts';
import type { LogicCollector } from './collect-logic.ts';
import { renderLogic } from './render-logic.ts';
import type { LogicRenderer } from './render-logic.ts';

/** With and without each value, in several languages, and a name that is as hard as they come. */
const SAMPLE_READERS: readonly ReaderFacts[] = [
  {},
  { name: 'Ada Okafor' },
  { name: 'Ada Okafor', locale: 'nl' },
  { locale: 'he' },
  { name: `"O'Brien" <b> {{ x }} {% if %} ${'ß'.repeat(200)}`, locale: 'en-GB' },
];

/** The collected logic as it is stored; undefined if the mail has none. */
export function writeLogic(
  collected: LogicCollector,
  facts: Readonly<Record<AuthorFact, string>>,
  locale: string,
): Logic | undefined {
  if (collected.parts.length === 0) {
    return undefined;
  }
  const newsletter = Object.entries(facts).map(([fact, value]) => [fact.slice('newsletter.'.length), value]);
  return {
    sources: collected.sources.map(({ liquid, needsName }) => ({ liquid, needsName })),
    parts: collected.parts,
    newsletter: Object.fromEntries(newsletter),
    locale,
  };
}

/** Works the mail's logic out for sample readers, so that what is wrong with it shows while somebody writes. */
export async function tryLogic(
  renderer: LogicRenderer,
  collected: LogicCollector,
  mail: CompiledMail,
): Promise<readonly MailProblem[]> {
  try {
    const results = await renderLogic(renderer, mail, SAMPLE_READERS);
    const problems: MailProblem[] = [];
    for (const result of results) {
      if (!result.ok) {
        const { where, line } = collected.sources[result.source ?? 0] ?? { where: 'body', line: 1 };
        return [{ code: 'logic_failed', where, line, message: `the logic does not work: ${result.message}` }];
      }
      if (result.mail.subject.length === 0 && problems.length === 0) {
        problems.push({ code: 'logic_invalid', where: 'subject', message: 'some readers would get an empty subject' });
      }
    }
    return problems;
  } catch (error) {
    if (error instanceof AppError && error.code === 'logic_interrupted') {
      return [{ code: 'logic_failed', where: 'body', line: 1, message: error.message }];
    }
    throw error;
  }
}
