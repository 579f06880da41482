import type pg from 'pg';
import { withClient } from './bench-database.ts';
import type { Figure } from './figure.ts';
import { signupBody } from './signup-request.ts';
import { median, percentile } from './statistics.ts';

const ADDRESSES = 250;

/** States that a stranger must not be able to tell apart (S23), and what makes an address one. */
const STATES: Readonly<Record<string, string>> = {
  new: '',
  pending: `insert into subscriptions (subscriber_id, newsletter_id, status, requested_at)
    select id, 1, 'pending', now() from subscribers where address = any($1)`,
  active: `insert into subscriptions (subscriber_id, newsletter_id, status, requested_at, confirmed_at)
    select id, 1, 'active', now(), now() from subscribers where address = any($1)`,
  unsubscribed: `insert into subscriptions (subscriber_id, newsletter_id, status, requested_at, unsubscribed_at)
    select id, 1, 'unsubscribed', now(), now() from subscribers where address = any($1)`,
  suppressed: `insert into suppressions (address_hash, address_hash_key_id, reason, source, created_at)
    select address_hash, address_hash_key_id, 'manual', 'bench', now() from subscribers where address = any($1)`,
};

/**
 * Answer times of sign-ups for addresses in each state, in turns, one at a time, while nothing else runs: the most that somebody on
 * the same machine could see. Prints the distributions and the largest distance between two of them (Kolmogorov-Smirnov: 0 the same,
 * 1 nothing in common); chance alone gives about 0.12 for that many values.
 */
export async function measureAnswerTimes(
  databaseUrl: string,
  port: number,
): Promise<{
  readonly figures: readonly Figure[];
  readonly accepted: number;
  /** Sign-ups of addresses that had signed up before. */
  readonly repeated: number;
}> {
  const states = Object.keys(STATES);
  let accepted = 0;
  const ask = async (address: string, serial: number): Promise<number> => {
    const startedAt = performance.now();
    await signUp(port, address, serial);
    accepted += 1;
    return performance.now() - startedAt;
  };
  await withClient(databaseUrl, (client) => prepareStates(client, (address, serial) => ask(address, serial)));
  const times = new Map<string, number[]>(states.map((state) => [state, []]));
  for (let index = 0; index < ADDRESSES; index += 1) {
    for (const [turn, state] of states.entries()) {
      times.get(state)?.push(await ask(addressOf(state, index), ADDRESSES * (states.length + turn) + index));
    }
  }
  return { figures: describeTimes(times), accepted, repeated: ADDRESSES * (states.length - 1) };
}

const addressOf = (state: string, index: number): string => `${state}-${index}@r${index}.example`;

async function prepareStates(
  client: pg.Client,
  ask: (address: string, serial: number) => Promise<unknown>,
): Promise<void> {
  for (const [turn, [state, statement]] of Object.entries(STATES).entries()) {
    if (statement === '') {
      continue;
    }
    const addresses = Array.from({ length: ADDRESSES }, (_, index) => addressOf(state, index));
    for (const [index, address] of addresses.entries()) {
      await ask(address, ADDRESSES * turn + index);
    }
    await client.query(statement, [addresses]);
  }
}

async function signUp(port: number, address: string, serial: number): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/subscriptions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': `11.${serial >> 8}.${serial & 255}.1` },
    body: signupBody(address),
  });
  const answer = await response.text();
  if (response.status !== 202) {
    throw new Error(`a sign-up was answered ${response.status}: ${answer}`);
  }
}

function describeTimes(times: ReadonlyMap<string, readonly number[]>): readonly Figure[] {
  const all = [...times];
  const figures = all.flatMap(([state, values]): Figure[] => [
    { figure: `answer p50, address ${state}`, value: median(values), unit: 'ms' },
    { figure: `answer p95, address ${state}`, value: percentile(values, 0.95), unit: 'ms' },
  ]);
  const distances = all.flatMap(([, a], index) => all.slice(index + 1).map(([, b]) => distanceBetween(a, b)));
  return [...figures, { figure: 'largest distance of two of them', value: Math.max(...distances), unit: '' }];
}

/** The largest difference of the two cumulative distributions. */
export function distanceBetween(a: readonly number[], b: readonly number[]): number {
  const shareBelow = (values: readonly number[], limit: number): number =>
    values.filter((value) => value <= limit).length / values.length;
  return Math.max(...[...a, ...b].map((limit) => Math.abs(shareBelow(a, limit) - shareBelow(b, limit))));
}
