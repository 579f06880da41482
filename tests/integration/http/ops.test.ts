import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerWorker } from '../../../src/deliveries/index.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { get, signUp } from '../subscriptions/reader.ts';

let system: TestSystem;

beforeAll(async () => {
  system = await startTestSystem({ worker: false });
});
afterAll(() => system.stop());

async function readiness(): Promise<unknown> {
  const response = await get(system, '/readyz');
  return { answered: response.status, ...((await response.json()) as object) };
}

describe('the pages for operators', () => {
  it('say that the process lives', async () => {
    const response = await get(system, '/healthz');

    expect([response.status, await response.json()]).toEqual([200, { status: 'alive' }]);
  });

  it('list a missing worker as degraded: the web works without', async () => {
    expect(await readiness()).toEqual({
      answered: 200,
      status: 'degraded',
      checks: { database: 'ok', queue: 'ok', workers: 'degraded', smtp: 'ok', sending: 'ok' },
    });
  });

  it('are content with a worker that lives, and list a relay that it cannot reach', async () => {
    await registerWorker(system.deps.db, { host: 'test', pid: 1, leaseSeconds: 60 });
    expect(await readiness()).toMatchObject({ answered: 200, status: 'ready' });

    await sql`update workers set relay_error = 'ECONNREFUSED'`.execute(system.deps.db);
    expect(await readiness()).toMatchObject({ answered: 200, status: 'degraded', checks: { smtp: 'degraded' } });

    await sql`update workers set lease_expires_at = now() - interval '1 second'`.execute(system.deps.db);
    expect(await readiness()).toMatchObject({ checks: { workers: 'degraded', smtp: 'ok' } });
  });

  it('count requests by route pattern and jobs by lane, and name nobody', async () => {
    await signUp(system, 'measured@example.org');
    await get(system, '/confirm/a-token-that-must-not-be-a-label');
    await get(system, '/measured@example.org');

    const response = await get(system, '/metrics');

    const text = await response.text();
    expect(response.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(text).toMatch(
      /courant_http_request_seconds_count\{route="\/api\/v1\/subscriptions",method="POST",status="202"\} [1-9]/,
    );
    expect(text).toMatch(/route="\/confirm\/:token",method="GET",status="404"/);
    expect(text).toMatch(/route="unmatched"/);
    expect(text).toMatch(/courant_queue_jobs\{lane="transactional",state="waiting"\} \d/);
    expect(text).not.toMatch(/measured|must-not-be/);
  });
});
