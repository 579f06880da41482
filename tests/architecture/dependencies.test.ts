import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cruise } from 'dependency-cruiser';
import extractDepcruiseConfig from 'dependency-cruiser/config-utl/extract-depcruise-config';
import { describe, expect, it } from 'vitest';

const configuration = await extractDepcruiseConfig(join(process.cwd(), '.dependency-cruiser.mjs'));

/** The broken rules, one `rule: from -> to` each. */
async function findViolations(folders: string[], baseDir: string): Promise<readonly string[]> {
  const { output } = await cruise(folders, {
    ...configuration.options,
    baseDir,
    validate: true,
    ruleSet: { forbidden: configuration.forbidden ?? [] },
  });
  if (typeof output === 'string') {
    throw new TypeError(output);
  }
  return output.summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`);
}

describe('the import graph', () => {
  it('keeps the rules of .dependency-cruiser.mjs', async () => {
    expect(await findViolations(['src', 'workers', 'bench', 'tests'], process.cwd())).toEqual([]);
  });

  it.each([
    ['no-cycles', { 'src/consent/a.ts': "import './b.ts';", 'src/consent/b.ts': "import type { A } from './a.ts';" }],
    ['no-deep-imports-between-features', { 'src/stats/s.ts': "import '../consent/a.ts';", 'src/consent/a.ts': '' }],
    [
      'no-deep-imports-from-entries',
      { 'workers/w.ts': "export * from '../src/consent/a.ts';", 'src/consent/a.ts': '' },
    ],
    [
      'no-deep-imports-into-platform',
      { 'src/stats/s.ts': "const p = await import('../platform/redis/a.ts');", 'src/platform/redis/a.ts': '' },
    ],
    ['shared-imports-nothing-of-ours', { 'src/shared/a.ts': "import '../jobs/index.ts';", 'src/jobs/index.ts': '' }],
    ['nothing-imports-the-workers', { 'src/main.ts': "import '../workers/main.ts';", 'workers/main.ts': '' }],
    ['one-owner-of-pg', { 'src/stats/s.ts': "import pg from 'pg';", 'node_modules/pg/index.js': '' }],
    ['no-unresolved-imports', { 'src/stats/s.ts': "import './gone.ts';" }],
  ])('breaks %s where it should', async (rule, files) => {
    const baseDir = await mkdtemp(join(tmpdir(), 'courant-graph-'));
    for (const [path, text] of Object.entries({ 'workers/empty.ts': '', 'src/empty.ts': '', ...files })) {
      await mkdir(dirname(join(baseDir, path)), { recursive: true });
      await writeFile(join(baseDir, path), text);
    }

    const violations = await findViolations(['src', 'workers'], baseDir);
    await rm(baseDir, { recursive: true });

    expect(violations).toEqual([expect.stringMatching(`^${rule}: `)]);
  });
});
