import type { MailProblem } from './problems.ts';

/** One thing that the linter watches while it walks through a mail: told of tags and texts in their order. */
export interface LintWatch {
  readonly open?: (name: string, attributes: Readonly<Record<string, string>>) => void;
  readonly text?: (words: string) => void;
  readonly close?: (name: string) => void;
  readonly end?: () => void;
}

export type Report = (code: MailProblem['code'], message: string) => void;
