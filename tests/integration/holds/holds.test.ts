import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createApiToken } from '../../../src/accounts/index.ts';
import { registerWorker } from '../../../src/deliveries/index.ts';
import { holdIfLongStopped, readHolds } from '../../../src/holds/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import type { Scope } from '../../../src/shared/actor.ts';
import { addReaders, sendTestCampaign } from '../../support/readers.ts';
import { startTestSystem, TEST_SECRET } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { runAtTerminal } from '../cli/run-courant.ts';
import type { CommandRun } from '../cli/run-courant.ts';
import { get } from '../subscriptions/reader.ts';

let system: TestSystem;

beforeAll(async () => {
  system = await startTestSystem({ worker: false });
});
afterEach(async () => {
  const { db } = system.deps;
  await sql`delete from settings where key in ('kill_switch', 'release_hold')`.execute(db);
  await sql`delete from workers`.execute(db);
});
afterAll(() => system.stop());

async function tokenFor(...scopes: Scope[]): Promise<string> {
  const { secret } = await createApiToken(system.deps, { name: 'test', scopes, expiresInDays: 1, actor: CLI_ACTOR });
  return secret;
}

async function call(method: 'GET' | 'POST', path: string, token: string): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${system.url}/api/v1/sending${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
  });
  return { status: response.status, body: await response.json() };
}

async function addWorker(heartbeat: string): Promise<void> {
  const id = await registerWorker(system.deps.db, { host: 'old', pid: 1, leaseSeconds: 20 });
  await sql`update workers set heartbeat_at = now() - ${heartbeat}::interval where id = ${id}`.execute(system.deps.db);
}

const hold = (): Promise<void> => holdIfLongStopped(system.deps);

async function reasonOfHold(): Promise<string | undefined> {
  return (await readHolds(system.deps.db)).hold?.reason;
}

function courant(answer: string, ...args: string[]): Promise<CommandRun> {
  const { databaseUrl, config } = system.deps;
  const settings = { DATABASE_URL: databaseUrl, SECRET_KEY: TEST_SECRET };
  return runAtTerminal(
    config.redisUrl === undefined ? settings : { ...settings, REDIS_URL: config.redisUrl },
    answer,
    ...args,
  );
}

describe('holdIfLongStopped', () => {
  it('holds when the newest worker was last seen over an hour ago', async () => {
    await addWorker('3 days');
    await addWorker('61 minutes');
    await hold();

    expect(await reasonOfHold()).toBe('long_stopped');
  });

  it.each([
    ['no worker ever ran', []],
    ['one of several was seen lately', ['3 days', '10 minutes']],
  ])('does not when %s', async (_what, heartbeats) => {
    for (const heartbeat of heartbeats) {
      await addWorker(heartbeat);
    }
    await hold();

    expect(await reasonOfHold()).toBeUndefined();
  });

  it('does not while nothing could go out by itself', async () => {
    await addWorker('3 days');
    const { db } = system.deps;
    const { rows } = await sql<{ at: Date }>`select next_run_at as at from newsletters limit 1`.execute(db);
    await sql`update newsletters set next_run_at = null`.execute(db);
    await hold();
    await sql`update newsletters set next_run_at = ${rows[0]?.at}`.execute(db);

    expect(await reasonOfHold()).toBeUndefined();
  });

  it('keeps the reason that was there first, from however many workers', async () => {
    await sql`insert into settings (key, value) values ('release_hold', '{"reason": "restored"}')`.execute(
      system.deps.db,
    );
    await addWorker('3 days');
    await Promise.all([hold(), hold(), hold()]);

    expect(await reasonOfHold()).toBe('restored');
  });
});

describe('the API', () => {
  it('stops, resumes and releases, each as often as one likes, and notes it once', async () => {
    const token = await tokenFor('system:read', 'system:write');
    await addWorker('2 hours');
    await hold();

    expect(await call('POST', '/stop', token)).toMatchObject({
      status: 200,
      body: { stop: { by: expect.stringMatching(/^token:/) }, hold: { reason: 'long_stopped' } },
    });
    expect(await call('POST', '/stop', token)).toMatchObject({ status: 200 });
    expect(await call('POST', '/release', token)).toMatchObject({ body: { hold: null, stop: expect.anything() } });
    expect(await call('POST', '/resume', token)).toMatchObject({ body: { hold: null, stop: null, waiting: null } });
    expect(await call('POST', '/resume', token)).toMatchObject({ status: 200 });
    expect(await call('POST', '/release', token)).toMatchObject({ status: 200 });

    const { rows } = await sql<{
      action: string;
    }>`select action from audit_log where subject_kind = 'system' order by id`.execute(system.deps.db);
    expect(rows.map(({ action }) => action)).toEqual(['sending.stopped', 'sending.released', 'sending.resumed']);
  });

  it('shows the state to who may read, and steers only for who may write', async () => {
    const reader = await tokenFor('system:read');

    expect(await call('GET', '', reader)).toMatchObject({
      status: 200,
      body: { stop: null, hold: null, waiting: null },
    });
    expect(await call('POST', '/stop', reader)).toMatchObject({ status: 403 });
    expect(await call('GET', '', await tokenFor('campaigns:write'))).toMatchObject({ status: 403 });
    expect((await readHolds(system.deps.db)).stop).toBeNull();
  });

  it('is ready all the same, and says that sending is degraded', async () => {
    await call('POST', '/stop', await tokenFor('system:write'));
    const response = await get(system, '/readyz');

    expect([response.status, await response.json()]).toEqual([
      200,
      expect.objectContaining({ status: 'degraded', checks: expect.objectContaining({ sending: 'degraded' }) }),
    ]);
  });
});

describe('the commands', () => {
  it('show what waits, ask, and release', async () => {
    await sendTestCampaign(system.deps, await addReaders(system.deps, 3), 'Old news');
    await sql`update newsletters set next_run_at = now() - interval '30 days'`.execute(system.deps.db);
    await addWorker('2 hours');
    await hold();

    const refused = await courant('n', 'release');
    expect(refused).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/not_confirmed/) });
    expect(refused.stderr).toMatch(/campaign \d+ of .*, "Old news": 3 readers have not got it/);
    expect(refused.stderr).toMatch(/was due .* UTC: one issue will be collected for 3 readers/);
    expect(await reasonOfHold()).toBe('long_stopped');

    expect(await courant('y', 'release')).toMatchObject({ exitCode: 0, stderr: expect.stringMatching(/Released\.$/) });
    expect(await reasonOfHold()).toBeUndefined();
    expect(await courant('', 'release')).toMatchObject({ exitCode: 0, stderr: expect.stringMatching(/not held/) });
  });

  it('stop and resume everything', async () => {
    expect(await courant('', 'sending', 'stop')).toMatchObject({ exitCode: 0 });
    expect((await courant('', 'sending', 'status')).stdout).toMatch(/^stopped: everything, since .* UTC, by cli/);
    expect(JSON.parse((await courant('', 'sending', 'status', '--json')).stdout)).toMatchObject({
      stop: { by: 'cli' },
    });
    expect(await courant('', 'sending', 'resume')).toMatchObject({
      exitCode: 0,
      stderr: expect.stringMatching(/goes on/),
    });
    expect(await courant('', 'sending', 'resume')).toMatchObject({
      exitCode: 0,
      stderr: expect.stringMatching(/Nothing was stopped/),
    });
  });
});
