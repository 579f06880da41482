import { appendFile } from 'node:fs/promises';
import { inject } from 'vitest';
import type { Judgement } from './judge.ts';

/** `FAULT_RESULTS=FILE`: each case as a line of JSON, from which the table of docs/guarantees.md is made. */
export async function recordResult(name: string, { verdict, ambiguous, listedTwice }: Judgement): Promise<void> {
  const path = process.env['FAULT_RESULTS'];
  if (path !== undefined) {
    const counts = Object.fromEntries(Object.entries(verdict).map(([key, those]) => [key, those.length]));
    const line = {
      queue: inject('queue'),
      name,
      ...counts,
      ambiguous: ambiguous.length,
      listedTwice: listedTwice.length,
    };
    await appendFile(path, `${JSON.stringify(line)}\n`);
  }
}
