import { AppError } from '../shared/app-error.ts';
import type { CliContext } from './cli-context.ts';

/** @throws AppError `not_confirmed` unless the answer is yes. */
export async function confirmSending({ terminal }: CliContext, question: string): Promise<void> {
  const answer = await terminal.ask(question);
  if (!/^y(?:es)?$/i.test(answer.trim())) {
    throw new AppError('conflict', 'not_confirmed', 'nothing was changed');
  }
}

export function describeSentAgain(count: number): string {
  return `${count} ${count === 1 ? 'mail is' : 'mails are'} sent once more.`;
}
