import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

interface Run {
  readonly exitCode: number;
  readonly lines: readonly string[];
}

describe('the last lines of a test run', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'courant-run-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  /** Runs Vitest with the reporter of this project over the given test files, as on the Redis queue. */
  async function runTests(files: Readonly<Record<string, string>>): Promise<Run> {
    const reporter = JSON.stringify(join(process.cwd(), 'tests/support/queue-reporter.ts'));
    const project = { name: 'integration-redis-queue', include: ['*.test.js'], globals: true };
    const config = `import { createQueueReporter } from ${reporter};
      export default { test: { reporters: ['default', createQueueReporter()], projects: [{ test: ${JSON.stringify(project)} }] } };`;
    for (const [name, text] of Object.entries({ ...files, 'vitest.config.mjs': config })) {
      await writeFile(join(directory, name), text);
    }
    const args = [join(process.cwd(), 'node_modules/vitest/vitest.mjs'), 'run', '--root', directory];
    return new Promise((resolve) => {
      const child = execFile(process.execPath, args, (_error, stdout) => {
        resolve({ exitCode: child.exitCode ?? -1, lines: stdout.trimEnd().split('\n').slice(-3) });
      });
    });
  }

  it('count what passed and was skipped, by queue and in all', async () => {
    const run = await runTests({ 'a.test.js': "it('a', () => {}); it('b', () => {}); it.skip('c', () => {});" });

    expect(run).toEqual({
      exitCode: 0,
      lines: [
        'on the postgres queue: 0 passed, 0 failed',
        'on the redis queue: 2 passed, 0 failed, 1 skipped',
        '2 passed, 0 failed, 1 skipped',
      ],
    });
  });

  it('count a file that does not load as failed', async () => {
    const run = await runTests({ 'a.test.js': "it('a', () => {});", 'b.test.js': "throw new Error('broken');" });

    expect({ exitCode: run.exitCode, last: run.lines.at(-1) }).toEqual({ exitCode: 1, last: '1 passed, 1 failed' });
  });

  it('count an error that no test caught as failed', async () => {
    const run = await runTests({
      'a.test.js':
        "it('a', async () => { void Promise.reject(new Error('loose')); await new Promise(setImmediate); });",
    });

    expect({ exitCode: run.exitCode, last: run.lines.at(-1) }).toEqual({ exitCode: 1, last: '1 passed, 1 failed' });
  });

  it('count a run without a test as failed', async () => {
    const run = await runTests({});

    expect({ exitCode: run.exitCode, last: run.lines.at(-1) }).toEqual({ exitCode: 1, last: '0 passed, 1 failed' });
  });
});
