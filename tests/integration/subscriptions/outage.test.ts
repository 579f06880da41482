import { afterEach, describe, expect, inject, it } from 'vitest';
import { migrateAll } from '../../../src/migrate.ts';
import { createLogger } from '../../../src/platform/logging/index.ts';
import { startSchedule } from '../../../workers/schedule.ts';
import { startWorker } from '../../../workers/start-worker.ts';
import { loseQueue } from '../../support/lose-queue.ts';
import { startPostgres } from '../../support/postgres-server.ts';
import { startRedis } from '../../support/redis-server.ts';
import { startSmtpSink } from '../../support/smtp-sink.ts';
import { startTestSystem } from '../../support/system.ts';
import type { SystemOptions, TestSystem } from '../../support/system.ts';
import { waitFor } from '../../support/wait-for.ts';
import { MAIL_DEADLINE_MS, get, lastRequestOf, mailsPlannedTo, signUp, submitForm, waitForMailTo } from './reader.ts';

const OUTAGE_TIMEOUT_MS = 90_000;
const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) {
    await close();
  }
}, OUTAGE_TIMEOUT_MS);

async function start(options: SystemOptions): Promise<TestSystem> {
  const system = await startTestSystem(options);
  closers.push(system.stop);
  return system;
}

async function readiness(system: TestSystem): Promise<unknown> {
  const response = await get(system, '/readyz');
  return { answered: response.status, ...((await response.json()) as object) };
}

describe('without the database', () => {
  it(
    'answers 503 and acknowledges nothing, and serves again as soon as it is back',
    async () => {
      const server = await startPostgres({ durable: true });
      closers.push(server.stop);
      await migrateAll(server.url, createLogger('silent', 'test'));
      const system = await start({ worker: false, environment: { DATABASE_URL: server.url } });
      expect((await signUp(system, 'before@example.org')).status).toBe(202);
      await server.kill('SIGKILL');

      const answer = await signUp(system, 'during@example.org');
      const form = await submitForm(system, { email: 'd@example.org', newsletters: 'the-weekly', terms: 'true' });

      expect(answer.status).toBe(503);
      expect(answer.headers.get('retry-after')).toBe('10');
      expect(await answer.json()).toMatchObject({ status: 503, code: 'database_unavailable' });
      expect(form.status).toBe(503);
      expect(await form.text()).toContain('Nothing was stored; try again');
      expect(await readiness(system)).toMatchObject({
        answered: 503,
        status: 'unavailable',
        checks: { database: 'down' },
      });
      expect((await get(system, '/healthz')).status).toBe(200);
      await server.restart();
      await waitFor('sign-up to work again', async () => (await signUp(system, 'after@example.org')).status === 202);
      const stored = await system.deps.db.selectFrom('subscribers').select('address').orderBy('id').execute();
      expect(stored.map(({ address }) => address)).toEqual(['before@example.org', 'after@example.org']);
    },
    OUTAGE_TIMEOUT_MS,
  );
});

describe('without the queue', () => {
  it.runIf(inject('queue') === 'redis')(
    'still takes sign-ups, and mails what waited when it is back',
    async () => {
      const redis = await startRedis();
      closers.push(redis.stop);
      const system = await start({ environment: { REDIS_URL: redis.url } });
      await signUp(system, 'warm@example.org');
      await waitForMailTo(system, 'warm@example.org', /confirm/i);
      await redis.kill('SIGKILL');

      const answers = [];
      for (let count = 0; count < 5; count += 1) {
        answers.push((await signUp(system, `during-${count}@example.org`)).status);
      }

      expect(answers).toEqual([202, 202, 202, 202, 202]);
      expect(await readiness(system)).toMatchObject({ answered: 200, status: 'degraded', checks: { queue: 'down' } });
      await redis.restart();
      // The sweep rings each minute; here each second, so that the test need not wait.
      const clockwork = startSchedule(
        { producer: system.deps.queue, log: system.deps.log },
        { sweepEveryMs: 1000, renewEveryMs: 1000 },
      );
      closers.push(() => Promise.resolve(clockwork.stop()));
      for (let count = 0; count < 5; count += 1) {
        await waitForMailTo(system, `during-${count}@example.org`, /confirm/i);
      }
    },
    OUTAGE_TIMEOUT_MS,
  );

  it(
    'mails what was signed up before every job was lost',
    async () => {
      const system = await start({ worker: false });
      await signUp(system, 'rung@example.org');
      await waitFor('the job to be in the queue', async () => {
        const depth = await system.deps.queue.depth('transactional');
        return (depth?.waiting ?? 0) > 0;
      });
      const { databaseUrl, config } = system.deps;
      await loseQueue({ databaseUrl, redisUrl: config.redisUrl });

      const worker = await startWorker(system.deps);
      closers.push(() => worker.stop(5000));

      await waitForMailTo(system, 'rung@example.org', /confirm/i);
      expect((await lastRequestOf(system.deps, 'rung@example.org')).decision).toBe('confirmation');
    },
    OUTAGE_TIMEOUT_MS,
  );
});

describe('without the relay', () => {
  it(
    'says that it is degraded, keeps the mail, and sends it once when the relay is back',
    async () => {
      const lost = await startSmtpSink();
      await lost.stop();
      const system = await start({ environment: { SMTP_URL: lost.url, MAIL_FROM: 'news@courant.example' } });

      expect((await signUp(system, 'waiting@example.org')).status).toBe(202);

      await waitFor(
        'the readiness page to list the relay',
        async () => {
          const state = (await readiness(system)) as { answered: number; status: string; checks: { smtp: string } };
          return state.answered === 200 && state.status === 'degraded' && state.checks.smtp === 'degraded';
        },
        MAIL_DEADLINE_MS,
      );
      const relay = await startSmtpSink({ port: lost.port });
      closers.push(relay.stop);
      await relay.waitForMail((mail) => mail.recipients.includes('waiting@example.org'), 60_000);
      await waitFor(
        'the delivery to be accepted',
        async () => (await mailsPlannedTo(system.deps, 'waiting@example.org')).join(' ') === 'confirm:accepted',
        MAIL_DEADLINE_MS,
      );
      await waitFor(
        'the readiness page to be well again',
        async () => ((await readiness(system)) as { status: string }).status === 'ready',
        30_000,
      );
      expect(relay.mails).toHaveLength(1);
    },
    OUTAGE_TIMEOUT_MS,
  );
});
