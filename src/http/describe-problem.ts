import { findText, translatorFor } from '../i18n/index.ts';
import type { FieldProblem } from '../shared/app-error.ts';
import type { Problem } from './problem.ts';

/** What is wrong with a form, in the language of its page. A code that has no text there keeps the words of the API. */
export function describeFieldProblems(locale: string, problems: readonly FieldProblem[]): readonly FieldProblem[] {
  return problems.map((problem) => ({
    ...problem,
    message: findText(locale, `fields.${problem.code}`) ?? problem.message,
  }));
}

/** An error as a page says it. Only fields with words for people are listed. */
export function describeProblem(locale: string, problem: Problem): Readonly<Record<string, unknown>> {
  const fields = (problem.errors ?? []).filter(({ code }) => findText(locale, `fields.${code}`) !== undefined);
  return {
    title: findText(locale, `errors.title_${problem.status}`) ?? translatorFor(locale)('errors.title'),
    problem: {
      status: problem.status,
      detail: findText(locale, `errors.${problem.code}`) ?? problem.detail,
      errors: describeFieldProblems(locale, fields),
    },
  };
}
