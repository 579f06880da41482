import pino from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLimiter, domainScope, relayScope, setLimit } from '../../../src/limits/index.ts';
import type { LimitScope, Limiter, SendingLimit } from '../../../src/limits/index.ts';
import { openDatabase } from '../../../src/platform/postgres/index.ts';
import type { Db, OpenDatabase } from '../../../src/platform/postgres/index.ts';
import { SYSTEM_ACTOR } from '../../../src/shared/actor.ts';
import { createTestDatabase } from '../../support/databases.ts';
import type { TestDatabase } from '../../support/databases.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import type { FakeClock } from '../../support/fake-clock.ts';
import { mostWithin, rowsTo, sendAll } from './simulate.ts';

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;
const RELAY = 'relay.example:587';
const log = pino({ level: 'silent' });
const quietDoorbell = { ring: () => undefined };

let database: TestDatabase;
let pool: OpenDatabase;
let db: Db;
let statements: string[];
let clock: FakeClock;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = openDatabase(database.url, { log, name: 'test', maxConnections: 6 });
  db = pool.db.withPlugin({
    transformQuery: ({ node }) => {
      statements.push(node.kind);
      return node;
    },
    transformResult: ({ result }) => Promise.resolve(result),
  });
});
beforeEach(() => {
  statements = [];
  clock = createFakeClock();
});
afterEach(async () => {
  await db.deleteFrom('sending_limits').execute();
  await db.deleteFrom('sending_use').execute();
  await db.deleteFrom('sending_pauses').execute();
});
afterAll(async () => {
  await pool.close();
  await database.drop();
});

const worker = (relays: Parameters<typeof createLimiter>[1] = [{ key: RELAY }]): Limiter =>
  createLimiter({ db, clock, log }, relays);

function limit(scope: string, changes: Partial<SendingLimit>): Promise<void> {
  const none = { perSecond: null, perHour: null, perDay: null, concurrency: null };
  const order = { scope: scope as LimitScope, limit: { ...none, ...changes }, actor: SYSTEM_ACTOR };
  return setLimit({ db, clock, doorbell: quietDoorbell }, order);
}

describe('a limit', () => {
  it('of a second is kept by two workers together, evenly, and used to the full', async () => {
    await limit('overall', { perSecond: 50 });
    const { starts, left } = await sendAll(clock, [worker(), worker()], rowsTo('a.example', 2000), {
      forMs: 60 * SECOND,
    });
    expect(left).toBe(0);
    expect(mostWithin(starts, SECOND)).toBeLessThanOrEqual(51);
    expect(starts.at(-1)?.atMs).toBeLessThan(41 * SECOND);
  });

  it('of a relay is what its address says, unless another one is stored', async () => {
    const relays = [{ key: RELAY, limits: { perSecond: 10 } }];
    const first = await sendAll(clock, [worker(relays), worker(relays)], rowsTo('a.example', 100), { forMs: HOUR });
    expect(mostWithin(first.starts, SECOND)).toBeLessThanOrEqual(11);
    await limit(`relay:${RELAY}`, { perSecond: 100 });
    clock.advance(10 * SECOND);
    const begunMs = clock.monotonicMs();
    const second = await sendAll(clock, [worker(relays), worker(relays)], rowsTo('a.example', 100), { forMs: HOUR });
    expect((second.starts.at(-1)?.atMs ?? Infinity) - begunMs).toBeLessThanOrEqual(1100);
  });

  it('of an hour is never exceeded in any hour, and comes free again with what is older', async () => {
    await limit('overall', { perHour: 1000 });
    const rows = rowsTo('a.example', 2500);
    const { starts, left } = await sendAll(clock, [worker(), worker()], rows, { forMs: 2.5 * HOUR });
    expect(left).toBe(0);
    expect(mostWithin(starts, HOUR)).toBeLessThanOrEqual(1000);
    // All that campaigns may use, at once.
    expect(starts.filter(({ atMs }) => atMs < SECOND)).toHaveLength(950);
  });

  it('of a day is never exceeded in any 24 hours', async () => {
    await limit('overall', { perDay: 200, perHour: 50 });
    const { starts, left } = await sendAll(clock, [worker(), worker()], rowsTo('a.example', 500), { forMs: 4 * DAY });
    expect(left).toBe(0);
    expect(mostWithin(starts, HOUR)).toBeLessThanOrEqual(50);
    expect(mostWithin(starts, DAY)).toBeLessThanOrEqual(200);
  });

  it('of a domain holds nobody else up', async () => {
    await limit('domain:slow.example', { perSecond: 5 });
    const rows = [...rowsTo('slow.example', 300), ...rowsTo('fast.example', 300)];
    const { starts, left } = await sendAll(clock, [worker(), worker()], rows, { forMs: 10 * 60 * SECOND });
    expect(left).toBe(0);
    const slow = starts.filter(({ domain }) => domain === 'slow.example');
    expect(mostWithin(slow, SECOND)).toBeLessThanOrEqual(6);
    expect(slow.at(-1)?.atMs).toBeLessThan(66 * SECOND);
    expect(starts.filter(({ domain }) => domain === 'fast.example').every(({ atMs }) => atMs < SECOND)).toBe(true);
  });

  it('of every domain counts each by itself, and one of its own replaces it', async () => {
    await limit('domain:*', { perSecond: 2 });
    await limit('domain:big.example', { perSecond: 20 });
    const domains = ['a.example', 'b.example', 'big.example'];
    const rows = domains.flatMap((domain) => rowsTo(domain, 40));
    const { starts, left } = await sendAll(clock, [worker(), worker()], rows, { forMs: 60 * SECOND });
    expect(left).toBe(0);
    const rates = domains.map((domain) =>
      mostWithin(
        starts.filter((start) => start.domain === domain),
        10 * SECOND,
      ),
    );
    expect(rates[0]).toBeLessThanOrEqual(21);
    expect(rates[1]).toBeLessThanOrEqual(21);
    expect(rates[2]).toBe(40);
  });

  it('is kept over a restart of every worker', async () => {
    await limit('overall', { perHour: 100 });
    const before = await sendAll(clock, [worker(), worker()], rowsTo('a.example', 200), { forMs: SECOND });
    expect(before.starts).toHaveLength(95);
    const after = await sendAll(clock, [worker()], rowsTo('a.example', 200), { forMs: 50 * 60 * SECOND });
    expect(after.starts).toHaveLength(0);
  });

  it('leaves its last part to mails that somebody waits for', async () => {
    await limit('overall', { perDay: 100 });
    const bulk = await sendAll(clock, [worker()], rowsTo('a.example', 200), { forMs: SECOND });
    expect(bulk.starts).toHaveLength(95);
    const urgent = await sendAll(clock, [worker()], rowsTo('a.example', 10), { forMs: SECOND, lane: 'transactional' });
    expect(urgent.starts).toHaveLength(5);
  });

  it('that is raised counts within five seconds, also for a worker that found the relay closed', async () => {
    await limit('overall', { perHour: 20 });
    const limiter = worker();
    await limiter.reserve(rowsTo('a.example', 50), RELAY, 'campaigns');
    const closedMs = await limiter.closedUntilMs(RELAY, 'campaigns');
    expect(closedMs).toBeGreaterThan(clock.monotonicMs());
    expect(closedMs - clock.monotonicMs()).toBeLessThanOrEqual(5 * SECOND);
    await limit('overall', { perHour: 2000 });
    clock.advance(closedMs - clock.monotonicMs());
    expect(await limiter.closedUntilMs(RELAY, 'campaigns')).toBe(0);
    const { postponed, held } = await limiter.reserve(rowsTo('a.example', 50), RELAY, 'campaigns');
    expect({ postponed, held }).toEqual({ postponed: [], held: null });
  });

  it('that was reached when the clock is set back by a day stops nobody for a day', async () => {
    await limit('overall', { perSecond: 10 });
    await sendAll(clock, [worker()], rowsTo('a.example', 30), { forMs: 10 * SECOND });
    clock.set(new Date(clock.now().getTime() - DAY));
    const { left } = await sendAll(clock, [worker()], rowsTo('a.example', 30), { forMs: 30 * SECOND });
    expect(left).toBe(0);
  });
});

it('costs no statement while nothing is limited or paused', async () => {
  const limiter = worker();
  await limiter.refresh();
  statements = [];
  for (let round = 0; round < 40; round += 1) {
    const rows = rowsTo('a.example', 500);
    expect(await limiter.reserve(rows, RELAY, 'campaigns')).toEqual({
      startAtMs: new Map(),
      held: null,
      postponed: [],
    });
    clock.advance(25);
  }
  expect(statements).toEqual([]);
  clock.advance(2000);
  await limiter.reserve(rowsTo('a.example', 500), RELAY, 'campaigns');
  expect(statements).toHaveLength(1);
});

it('asks the database once for a batch to many domains', async () => {
  await limit('domain:*', { perHour: 1000 });
  const limiter = worker();
  const batch = Array.from({ length: 300 }, (_, index) => rowsTo(`d${index}.example`, 2)).flat();
  await limiter.reserve(batch, RELAY, 'campaigns');
  statements = [];
  await limiter.reserve(batch, RELAY, 'campaigns');
  expect(statements).toHaveLength(1);
});

describe('a pause', () => {
  const scope = domainScope('gmail.com');

  it('is shared by all workers, puts off that domain only, and doubles up to half an hour', async () => {
    const [one, other] = [worker(), worker()];
    await other.refresh();
    const lengths: number[] = [];
    for (let round = 0; round < 8; round += 1) {
      const until = await one.pause(scope, 'sender_throttled');
      lengths.push((until.getTime() - clock.now().getTime()) / SECOND);
      clock.advance(2500);
      const [held] = rowsTo('gmail.com', 1);
      const [free] = rowsTo('fine.example', 1);
      const rows = [held, free].filter((row) => row !== undefined);
      const { postponed, startAtMs } = await other.reserve(rows, RELAY, 'campaigns');
      expect(postponed).toEqual([{ ids: [held?.id], until, reason: 'pause domain:gmail.com' }]);
      expect(startAtMs.size).toBe(0);
      expect(other.pausedUntil(scope)).toEqual(until);
      clock.advance(until.getTime() - clock.now().getTime());
      expect(one.pausedUntil(scope)).toBeNull();
    }
    expect(lengths).toEqual([30, 60, 120, 240, 480, 960, 1800, 1800]);
  });

  it('is one pause when many connections hear the same at once, in every worker', async () => {
    const limiters = [worker(), worker(), worker()];
    const untils = await Promise.all(
      limiters.flatMap((limiter) => [limiter.pause(scope, 'x'), limiter.pause(scope, 'x')]),
    );
    expect(new Set(untils.map((until) => until.getTime()))).toEqual(new Set([clock.now().getTime() + 30 * SECOND]));
  });

  it('begins anew after a mail was accepted', async () => {
    const limiter = worker();
    await limiter.pause(scope, 'sender_throttled');
    limiter.resumed(scope);
    expect(limiter.pausedUntil(scope)).not.toBeNull();
    clock.advance(31 * SECOND);
    limiter.resumed(scope);
    await expect.poll(async () => (await db.selectFrom('sending_pauses').selectAll().execute()).length).toBe(0);
    const until = await limiter.pause(scope, 'sender_throttled');
    expect(until.getTime() - clock.now().getTime()).toBe(30 * SECOND);
  });

  it('outlives the worker, and closes a relay as a whole', async () => {
    const until = await worker().pause(relayScope(RELAY), 'relay_busy');
    const next = worker();
    expect(await next.closedUntilMs(RELAY, 'campaigns')).toBeGreaterThan(clock.monotonicMs());
    const { postponed } = await next.reserve(rowsTo('a.example', 3), RELAY, 'transactional');
    expect(postponed).toMatchObject([{ until, reason: `pause relay:${RELAY}` }]);
    expect(await next.closedUntilMs('other.example:587', 'campaigns')).toBe(0);
  });
});

describe('how much is under way at once', () => {
  it('is divided among the live workers, one at least for each', async () => {
    await limit('domain:*', { concurrency: 5 });
    await limit(`relay:${RELAY}`, { concurrency: 4 });
    const live = { host: 'test', pid: 1, started_at: new Date(), heartbeat_at: new Date() };
    const leases = [1, 2, 3].map(() => ({ ...live, lease_expires_at: new Date(Date.now() + HOUR) }));
    await db.insertInto('workers').values(leases.slice(0, 2)).execute();
    const limiter = worker();
    expect(limiter.connectionsFor(RELAY, 10)).toBe(10);
    await limiter.refresh();
    expect(limiter.connectionsFor(RELAY, 10)).toBe(2);
    expect(limiter.connectionsFor(RELAY, 1)).toBe(1);
    limiter.began('a.example');
    expect(limiter.mayBegin('a.example')).toBe(true);
    limiter.began('a.example');
    expect(limiter.mayBegin('a.example')).toBe(false);
    expect(limiter.mayBegin('b.example')).toBe(true);
    limiter.ended('a.example');
    expect(limiter.mayBegin('a.example')).toBe(true);
    await db.insertInto('workers').values(leases).execute();
    clock.advance(2000);
    await limiter.refresh();
    expect(limiter.connectionsFor(RELAY, 10)).toBe(1);
    await db.deleteFrom('workers').execute();
  });
});
