import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startFixture } from '../support/fixture-start.ts';
import type { FixtureStart, FixtureStartOptions } from '../support/fixture-start.ts';
import { findProcesses, killEach, listProcessTree, waitUntilGone } from '../support/process-tree.ts';
import { findFreePort } from '../support/server-process.ts';
import { waitFor } from '../support/wait-for.ts';

const TIMEOUT_MS = 120_000;
const STOP_LIMIT_MS = 10_000;
/** `nobody` and `nogroup`, or nobody's group where that has another name. */
const NOBODY = { uid: 65_534, gid: 65_534 };

let dataDir: string;
const starts: FixtureStart[] = [];

async function start(options: Partial<FixtureStartOptions> = {}): Promise<FixtureStart> {
  const started = await startFixture({ dataDir, ...options });
  starts.push(started);
  return started;
}

async function startReady(options: Partial<FixtureStartOptions> = {}): Promise<FixtureStart> {
  const started = await start(options);
  await started.ready();
  return started;
}

/** What the worker of the fixture wrote, over all starts on this data. */
async function readFixtureRows(): Promise<readonly string[]> {
  const { databaseUrl } = JSON.parse(await readFile(join(dataDir, 'run.json'), 'utf8')) as { databaseUrl: string };
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ what: string }>('select what from fixture');
    return rows.map((row) => row.what);
  } finally {
    await client.end();
  }
}

async function canNobodyRunUs(): Promise<boolean> {
  try {
    await promisify(execFile)(process.execPath, ['--version'], { ...NOBODY, cwd: import.meta.dirname, env: {} });
    return true;
  } catch {
    return false;
  }
}

const hasNobody = process.getuid?.() === 0 && (await canNobodyRunUs());

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'courant-start-'));
  // Under root the server's account has to pass through it.
  await chmod(dataDir, 0o755);
});

afterEach(async () => {
  const trees = await Promise.all(starts.splice(0).map((started) => listProcessTree(started.pid)));
  killEach(trees.flat());
  await rm(dataDir, { recursive: true, force: true, maxRetries: 20 });
});

describe('npm start', { timeout: TIMEOUT_MS }, () => {
  it('prints three lines, ends in order on Ctrl-C within 10 s, and leaves no process behind', async () => {
    const first = await startReady({ realPreflight: true });
    expect(first.stdout().trim().split('\n')).toEqual([
      `sign up here: http://localhost:${first.port}/`,
      `inbox here: http://localhost:${first.port}/inbox`,
      expect.stringMatching(new RegExp(`^first admin here: http://localhost:${first.port}/admin/setup#[\\w-]{43}$`)),
    ]);
    const tree = await listProcessTree(first.pid);

    const pressedAt = performance.now();
    first.pressCtrlC();
    first.pressCtrlC();
    expect(await first.exited).toBe(0);
    await waitUntilGone(tree, STOP_LIMIT_MS);
    expect(performance.now() - pressedAt).toBeLessThan(STOP_LIMIT_MS);

    await startReady();
    expect(await readFixtureRows()).toEqual(['started', 'drained', 'started']);
  });

  it('ends within 10 s also when a worker does not answer any more', async () => {
    const started = await startReady();
    const tree = await listProcessTree(started.pid);
    const [worker] = await findProcesses(tree, 'fixture-worker.ts');
    expect(worker).toBeDefined();
    process.kill(Number(worker), 'SIGSTOP');
    const pressedAt = performance.now();
    started.pressCtrlC();
    expect(await started.exited).toBe(0);
    await waitUntilGone(tree, STOP_LIMIT_MS);
    expect(performance.now() - pressedAt).toBeLessThan(STOP_LIMIT_MS);
    expect(started.stderr()).toContain('child did not stop in time and is killed');
  });

  it('ends the same way on SIGTERM while it is still starting', async () => {
    const started = await start();
    const tree = await waitFor('a first child', async () => {
      const pids = await listProcessTree(started.pid);
      return pids.length > 1 && pids;
    });
    process.kill(started.pid, 'SIGTERM');
    expect(await started.exited).toBe(0);
    await waitUntilGone(tree);
    const again = await startReady();
    expect(again.stderr()).not.toContain('automatic recovery');
  });

  it('refuses a second start on the same data in one line that names the process', async () => {
    const first = await startReady();
    const second = await start();
    expect(await second.exited).toBe(1);
    expect(second.stderr().trim()).toBe(`Courant already runs on ${dataDir} (process ${first.pid})`);
    expect(await readFixtureRows()).toEqual(['started']);
  });

  it('takes everything down when the supervisor is killed, and a start right after it works', async () => {
    const first = await startReady();
    const tree = await listProcessTree(first.pid);
    process.kill(first.pid, 'SIGKILL');
    const second = await startReady({ port: first.port });
    await waitUntilGone(tree);
    // The worker had time to write what became of its work before PostgreSQL went down.
    expect(await readFixtureRows()).toEqual(['started', 'drained', 'started']);
    expect(second.stderr()).not.toContain('automatic recovery');
  });

  it('starts on intact data after kill -9 of everything', async () => {
    const first = await startReady();
    const tree = await listProcessTree(first.pid);
    killEach(tree);
    await waitUntilGone(tree);
    const second = await startReady();
    expect(second.stderr()).toContain('automatic recovery');
    expect(await readFixtureRows()).toEqual(['started', 'started']);
  });

  it('starts a crashed role again and says so in the log', async () => {
    const started = await startReady();
    const askPid = async (): Promise<string> => (await fetch(`http://127.0.0.1:${started.port}/`)).text();
    const before = await askPid();
    process.kill(Number(before), 'SIGKILL');
    const after = await waitFor('another web process', async () => {
      const pid = await askPid();
      return pid !== before && pid;
    });
    expect(Number(after)).not.toBeNaN();
    expect(started.stderr()).toContain('child ended unexpectedly and is started again');
  });

  it('starts a crashed PostgreSQL again on the same port', async () => {
    const started = await startReady();
    const cluster = join(dataDir, 'postgres', 'cluster', 'postmaster.pid');
    const readPostmaster = async (): Promise<number> => Number((await readFile(cluster, 'utf8')).split('\n')[0]);
    const before = await readPostmaster();
    process.kill(before, 'SIGKILL');
    await waitFor('rows from the new server', async () => (await readPostmaster()) !== before && readFixtureRows());
    expect(started.stderr()).toContain('postgres ended unexpectedly');
    started.pressCtrlC();
    expect(await started.exited).toBe(0);
  });

  it('gives up with the message of a role that cannot start, and ends the rest', async () => {
    const started = await start({ web: 'fixture-broken-web.ts' });
    const tree = await waitFor('its children', async () => {
      const pids = await listProcessTree(started.pid);
      return pids.length > 3 && pids;
    });
    expect(await started.exited).toBe(1);
    expect(started.stdout()).toBe('');
    expect(started.stderr()).toContain('web does not start: the fixture is broken');
    await waitUntilGone(tree);
  });

  it('refuses a wrong setting in one line with exit code 78', async () => {
    const started = await start({ realPreflight: true, env: { MAIL_FROM: 'nobody' } });
    expect(await started.exited).toBe(78);
    expect(started.stderr()).toBe('MAIL_FROM: must be one plain address such as news@example.org\n');
    expect(started.stdout()).toBe('');
  });

  it('says which variable to set when the port is taken', async () => {
    const port = await findFreePort();
    const other = createServer().listen(port, '127.0.0.1');
    await once(other, 'listening');
    try {
      const started = await start({ port });
      expect(await started.exited).toBe(1);
      expect(started.stderr()).toContain(`PORT: ${port} on 127.0.0.1 is taken by another program; set PORT to`);
    } finally {
      other.close();
    }
  });

  it.runIf(process.getuid?.() === 0)('puts the data where the server can reach them when root hides them', async () => {
    await chmod(dataDir, 0o700);
    const first = await startReady();
    const folder = await realpath(join(dataDir, 'postgres'));
    try {
      expect(folder).toMatch(/^\/var\/lib\/courant\/postgres-/);
      expect(first.stderr()).toContain(`its data are in ${folder}`);
      first.pressCtrlC();
      expect(await first.exited).toBe(0);
      await startReady();
      expect(await readFixtureRows()).toEqual(['started', 'drained', 'started']);
    } finally {
      killEach((await Promise.all(starts.map((started) => listProcessTree(started.pid)))).flat());
      await rm(folder, { recursive: true, force: true, maxRetries: 20 });
    }
  });

  it.runIf(hasNobody)('runs as an ordinary user', async () => {
    await chown(dataDir, NOBODY.uid, NOBODY.gid);
    const started = await startReady({ owner: NOBODY });
    expect(await readFixtureRows()).toEqual(['started']);
    started.pressCtrlC();
    expect(await started.exited).toBe(0);
    // Root goes on with it as that user.
    const asRoot = await startReady();
    expect(await readFixtureRows()).toEqual(['started', 'drained', 'started']);
    asRoot.pressCtrlC();
    expect(await asRoot.exited).toBe(0);
  });
});
