import { execFile } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import type { BenchContext } from './benchmark.ts';

const run = promisify(execFile);
const INSTALL_WITHIN_MS = 900_000;
/** Of the `npm run` that runs the benchmark; the npm in the clone must not take them for its own. */
const OUTER_NPM =
  /^npm_(?:package_|lifecycle_|command|execpath|node_execpath|config_(?:local_prefix|prefix|global_prefix|node_gyp))/;

export interface Installation {
  readonly seconds: number;
  readonly nodeModulesMb: number;
}

/** Clones the last commit of a tree: what is not committed is not in it. */
export async function cloneTree(context: BenchContext, tree: string, target: string): Promise<void> {
  await run('git', ['clone', '--quiet', '--no-hardlinks', tree, target], { signal: context.stopped });
}

/** `npm ci` as a stranger runs it, with npm's cache of packages as it is on this machine. */
export async function installClone(context: BenchContext, clone: string): Promise<Installation> {
  const startedAt = performance.now();
  await run('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: clone,
    env: strangerEnvironment(process.env),
    timeout: INSTALL_WITHIN_MS,
    signal: context.stopped,
    maxBuffer: 64 * 1024 * 1024,
  });
  const seconds = (performance.now() - startedAt) / 1000;
  const { stdout } = await run('du', ['-sk', join(clone, 'node_modules')]);
  return { seconds, nodeModulesMb: Number.parseInt(stdout, 10) / 1024 };
}

/** Without what `npm run` added: its own settings, and the Node of our node_modules in front of the machine's. */
export function strangerEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(environment).filter(([name]) => !OUTER_NPM.test(name) && name !== 'NODE');
  const path = (environment['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => !folder.includes(join('node_modules', '.bin')) && !folder.includes('node-gyp-bin'));
  return { ...Object.fromEntries(kept), PATH: path.join(delimiter) };
}
