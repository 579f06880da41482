import type { TestSystem } from '../../support/system.ts';
import { hiddenFields, TERMS } from '../subscriptions/reader.ts';

/** With this the tests say in X-Forwarded-For who they are. */
export const BEHIND_PROXY = { TRUST_PROXY: 'loopback' };

/** POST /api/v1/subscriptions by somebody at an IP. */
export function signUpFrom(
  system: TestSystem,
  ip: string | undefined,
  email: string,
  changes: Record<string, unknown> = {},
): Promise<Response> {
  return fetch(`${system.url}/api/v1/subscriptions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(ip === undefined ? {} : { 'x-forwarded-for': ip }) },
    body: JSON.stringify({ email, ...TERMS, ...changes }),
  });
}

/** POST /subscribe by somebody at an IP, from our page; `changes` may take the hidden fields away. */
export async function submitFrom(
  system: TestSystem,
  ip: string | undefined,
  email: string,
  changes: Record<string, string | undefined> = {},
): Promise<Response> {
  const fields = {
    ...(await hiddenFields(system)),
    email,
    newsletters: 'the-weekly',
    terms: 'true',
    homepage: '',
    ...changes,
  };
  const body = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) {
      body.append(name, value);
    }
  }
  return fetch(`${system.url}/subscribe`, {
    method: 'POST',
    redirect: 'manual',
    headers: { accept: 'text/html', ...(ip === undefined ? {} : { 'x-forwarded-for': ip }) },
    body,
  });
}

export interface StoredRequest {
  readonly address: string;
  readonly delaySeconds: number;
  readonly hold: string | null;
}

/** All requests, oldest first, and how long each has to wait. */
export async function storedRequests({ deps }: TestSystem): Promise<readonly StoredRequest[]> {
  const rows = await deps.db
    .selectFrom('signup_requests as r')
    .innerJoin('subscribers as s', 's.id', 'r.subscriber_id')
    .select(['s.address', 'r.requested_at', 'r.due_at', 'r.mail_hold as hold'])
    .orderBy('r.id')
    .execute();
  return rows.map(({ address, requested_at: requestedAt, due_at: dueAt, hold }) => ({
    address,
    hold,
    delaySeconds: Math.round((dueAt.getTime() - requestedAt.getTime()) / 1000),
  }));
}

/** Signs up `count` addresses, each from a network of its own, some at a time. */
export async function signUpMany(
  system: TestSystem,
  count: number,
  addressOf: (index: number) => string,
): Promise<readonly number[]> {
  const statuses: number[] = [];
  for (let start = 0; start < count; start += 20) {
    const batch = Array.from({ length: Math.min(20, count - start) }, (_, offset) => start + offset);
    const answers = await Promise.all(
      batch.map((index) => signUpFrom(system, `10.${1 + (index >> 8)}.${index & 255}.1`, addressOf(index))),
    );
    await Promise.all(answers.map((answer) => answer.arrayBuffer()));
    statuses.push(...answers.map(({ status }) => status));
  }
  return statuses;
}

export const WEEK_SECONDS = 7 * 86_400;
