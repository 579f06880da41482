import { hostname } from 'node:os';
import type { Check } from '../doctor/index.ts';
import { CLI_ACTOR } from '../shared/actor.ts';
import type { CliContext } from './cli-context.ts';
import { toFailure } from './cli-error.ts';
import { openSession } from './session.ts';

/** What `doctor` reports; anything else ends it like every command. */
const DATABASE_TROUBLE: ReadonlySet<string> = new Set(['database_unavailable', 'schema_missing', 'data_dir_in_use']);

export interface CheckOptions {
  /** Where a test mail goes. */
  readonly testAddress: string | undefined;
}

/** What `doctor` finds. @throws AppError kind `setting` when not even the settings can be read. */
export async function runChecks(
  { environment, terminal }: CliContext,
  { testAddress }: CheckOptions,
): Promise<readonly Check[]> {
  let session: Awaited<ReturnType<typeof openSession>>;
  try {
    session = await openSession(environment, (line) => terminal.note(line));
  } catch (error) {
    const found = toFailure(error).error;
    if (found === null || !DATABASE_TROUBLE.has(found.code)) {
      throw error;
    }
    return [{ name: 'database', state: 'failed', message: found.message }];
  }
  try {
    const { createDnsLookup, examine } = await import('../doctor/index.ts');
    const deps = { ...session.deps, dns: createDnsLookup(), hostName: hostname() };
    return [
      { name: 'database', state: 'ok', message: 'answers, and its schema is there' },
      ...(await examine(deps, { testAddress, actor: CLI_ACTOR })),
    ];
  } finally {
    await session.close();
  }
}
