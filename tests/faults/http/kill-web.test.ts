import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import { compose } from '../../../src/compose.ts';
import type { Composed } from '../../../src/compose.ts';
import { parseConfig } from '../../../src/config/index.ts';
import { migrateAll } from '../../../src/migrate.ts';
import { mailPreferences } from '../../../src/preferences/index.ts';
import { seed } from '../../../src/start-web.ts';
import { decideSignups } from '../../../src/subscriptions/index.ts';
import { startPostgres } from '../../support/postgres-server.ts';
import { startRedis } from '../../support/redis-server.ts';
import { newestLinkOf, preferencesOf, subscriberIdOf } from '../../integration/preferences/visitor.ts';
import {
  actionsOf,
  lastRequestOf,
  post,
  press,
  signUp,
  statusesOf,
  subscriptionOf,
  tokenPath,
} from '../../integration/subscriptions/reader.ts';
import type { Site } from '../../integration/subscriptions/reader.ts';

const ROUNDS = 3;

let composed: Composed;
let environment: Record<string, string>;
let web: ChildProcess | undefined;
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  // Not durable means that a crash of the server loses commits; here only web processes are killed, but nothing is left to chance.
  const postgres = await startPostgres({ durable: true });
  closing.push(() => postgres.stop());
  environment = {
    DATABASE_URL: postgres.url,
    SECRET_KEY: 'a secret of the tests that is long enough',
    SMTP_URL: 'smtp://127.0.0.1:1',
    MAIL_FROM: 'news@courant.example',
    POSTAL_ADDRESS: 'Paper Street 1, 10117 Berlin',
    LOG_LEVEL: 'silent',
    PORT: '0',
  };
  if (inject('queue') === 'redis') {
    const redis = await startRedis();
    closing.push(() => redis.stop());
    environment['REDIS_URL'] = redis.url;
  }
  const log = pino({ level: 'silent' });
  await migrateAll(postgres.url, log);
  composed = await compose(parseConfig(environment), { role: 'test', maxConnections: 4, log });
  closing.push(composed.close);
  await seed(composed.deps);
});
afterEach(() => {
  web?.kill('SIGKILL');
});
afterAll(async () => {
  for (const close of closing.toReversed()) {
    await close();
  }
});

/** A web process of its own, as `npm run web` starts it. */
async function startWeb(): Promise<Site> {
  const child = fork('src/web.ts', {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  web = child;
  const [message] = (await once(child, 'message')) as [{ readonly info: { readonly port: number } }];
  return { url: `http://127.0.0.1:${message.info.port}`, deps: composed.deps };
}

/** Sends, and kills the process as soon as the first line of its answer is here. */
async function killAfter(answer: Promise<Response>): Promise<number> {
  const { status } = await answer;
  const exited = once(web as ChildProcess, 'exit');
  web?.kill('SIGKILL');
  await exited;
  return status;
}

const rounds = Array.from({ length: ROUNDS }, (_, index) => `reader-${index}@example.org`);

it.each(rounds)(
  'keeps a sign-up, its confirmation and its end once they were answered, for %s (T7)',
  async (address) => {
    const { deps } = composed;
    expect(await killAfter(signUp(await startWeb(), address))).toBe(202);
    const asked = await lastRequestOf(deps, address);
    expect(await actionsOf(deps, asked.subscriberId)).toEqual(['requested']);

    await decideSignups(deps);
    expect(await killAfter(press(await startWeb(), tokenPath(deps, 'confirm', 'confirm', asked.id)))).toBe(200);
    expect(await statusesOf(deps, address)).toEqual(['the-weekly:active']);

    const { id: subscriptionId, subscriberId } = await subscriptionOf(deps, address);
    const unsubscribe = tokenPath(deps, 'unsubscribe', 'unsubscribe', subscriptionId);
    expect(await killAfter(post(await startWeb(), unsubscribe, { 'List-Unsubscribe': 'One-Click' }))).toBe(200);
    expect(await statusesOf(deps, address)).toEqual(['the-weekly:unsubscribed']);
    expect((await actionsOf(deps, subscriberId)).at(-1)).toBe('withdrawn');
  },
);

it('keeps what was done on the page of preferences once it was answered (T7)', async () => {
  const { deps } = composed;
  const address = 'prefers@example.org';
  const site = await startWeb();
  await signUp(site, address);
  await decideSignups(deps);
  await press(site, tokenPath(deps, 'confirm', 'confirm', (await lastRequestOf(deps, address)).id));
  const path = await preferencesOf(site, address);

  expect(await killAfter(post(site, path, { action: 'change' }))).toBe(200);
  await mailPreferences(deps);
  const link = await newestLinkOf(site, address);
  const next = await startWeb();
  const opened = await post(next, link, { open: 'yes' });
  const cookie = opened.headers.get('set-cookie')?.split(';', 1)[0] ?? '';
  const saved = fetch(`${next.url}/my`, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie, accept: 'text/html' },
    body: new URLSearchParams({ action: 'details', locale: 'de', timeZone: 'Europe/Berlin' }),
  });

  expect(await killAfter(saved)).toBe(303);
  const reader = await deps.db
    .selectFrom('subscribers')
    .select(['locale', 'time_zone'])
    .where('id', '=', await subscriberIdOf(site, address))
    .executeTakeFirstOrThrow();
  expect(reader).toEqual({ locale: 'de', time_zone: 'Europe/Berlin' });
});
